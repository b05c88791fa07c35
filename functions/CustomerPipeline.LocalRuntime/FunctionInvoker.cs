using System.Globalization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.LocalRuntime;

/// <summary>Makes the function's class from the container and calls it with its parameters bound.</summary>
internal sealed class FunctionInvoker(BoundFunction function, IServiceProvider services)
{
    private long _invocations;

    public BoundFunction Function => function;

    /// <param name="trigger">The value of the trigger parameter.</param>
    /// <param name="bindingData">Metadata of the trigger, and route values.</param>
    /// <param name="cancellationToken">The host is stopping.</param>
    public async Task<object?> InvokeAsync(object trigger, IReadOnlyDictionary<string, object?> bindingData, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var invocationId = $"{function.Name}-{Interlocked.Increment(ref _invocations).ToString(CultureInfo.InvariantCulture)}";
        var context = new LocalFunctionContext(function.Name, invocationId, bindingData, scope.ServiceProvider, cancellationToken);
        var arguments = function.Method.GetParameters().Select(parameter =>
            parameter.Position == function.TriggerParameter.Position ? trigger
            : parameter.ParameterType == typeof(FunctionContext) ? context
            : parameter.ParameterType == typeof(CancellationToken) ? cancellationToken
            : bindingData.GetValueOrDefault(parameter.Name!)).ToArray();

        // Without a compiled factory: with dozens of functions, compiling takes longer than a start should.
        var instance = function.Method.IsStatic ? null : ActivatorUtilities.CreateInstance(scope.ServiceProvider, function.Method.DeclaringType!);
        var task = (Task)function.Method.Invoke(instance, System.Reflection.BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
        await task;
        return task.GetType().GetProperty("Result") is { } result && task.GetType().IsGenericType ? result.GetValue(task) : null;
    }
}
