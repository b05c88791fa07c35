using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace CustomerPipeline.LocalRuntime;

/// <summary>A function as its attributes declare it, checked so that it can be bound and run.</summary>
public sealed record BoundFunction
{
    public required string Name { get; init; }

    public required MethodInfo Method { get; init; }

    public required TriggerBindingAttribute Trigger { get; init; }

    public required ParameterInfo TriggerParameter { get; init; }

    public required RetryPolicy Retry { get; init; }

    /// <summary>The functions of an assembly.</summary>
    /// <exception cref="FunctionBindingException">One of them cannot be bound; the message names it and says why.</exception>
    public static IReadOnlyList<BoundFunction> Discover(Assembly assembly)
    {
        var functions = assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => method.IsDefined(typeof(FunctionAttribute)))
            .Select(Of)
            .OrderBy(f => f.Name, StringComparer.Ordinal)
            .ToList();
        var twice = functions.GroupBy(f => f.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Skip(1).Any());
        return twice is null ? functions : throw new FunctionBindingException(twice.Key, "two functions have this name");
    }

    /// <exception cref="FunctionBindingException">The method cannot be bound.</exception>
    public static BoundFunction Of(MethodInfo method)
    {
        var name = method.GetCustomAttribute<FunctionAttribute>()?.Name ?? method.Name;
        var parameters = method.GetParameters();
        var triggers = parameters
            .Select(p => (Parameter: p, Trigger: p.GetCustomAttribute<TriggerBindingAttribute>()))
            .Where(p => p.Trigger is not null)
            .ToList();
        if (triggers.Count != 1)
        {
            throw new FunctionBindingException(name, "it has not exactly one trigger");
        }

        var (parameter, trigger) = triggers[0];
        var (isBindable, expected) = trigger switch
        {
            ServiceBusTriggerAttribute { QueueName: not null, IsBatched: true, IsSessionsEnabled: false } => (parameter.ParameterType == typeof(byte[][]), "byte[][]"),
            ServiceBusTriggerAttribute => (false, "a queue with IsBatched = true"),
            CosmosDBTriggerAttribute => (IsReadOnlyList(parameter.ParameterType), "IReadOnlyList<T>"),
            TimerTriggerAttribute => (parameter.ParameterType == typeof(TimerInfo), "TimerInfo"),
            HttpTriggerAttribute { Methods: null or [] } => (false, "a trigger that names its HTTP methods"),
            HttpTriggerAttribute => (parameter.ParameterType == typeof(HttpRequest) && method.ReturnType == typeof(Task<IActionResult>), "HttpRequest, returning Task<IActionResult>"),
            _ => (false, "a trigger this runtime knows"),
        };
        if (!isBindable)
        {
            throw new FunctionBindingException(name, $"parameter '{parameter.Name}' must be {expected}");
        }

        if (trigger is not HttpTriggerAttribute && method.ReturnType != typeof(Task))
        {
            throw new FunctionBindingException(name, "it must return Task");
        }

        CheckOthers(name, parameters.Where(p => p.Position != parameter.Position), trigger!);
        return new BoundFunction { Name = name, Method = method, Trigger = trigger!, TriggerParameter = parameter, Retry = RetryPolicy.Of(method) };
    }

    private static void CheckOthers(string name, IEnumerable<ParameterInfo> others, TriggerBindingAttribute trigger)
    {
        var route = (trigger as HttpTriggerAttribute)?.Route ?? "";
        foreach (var parameter in others)
        {
            var isRouteValue = parameter.ParameterType == typeof(string)
                && (route.Contains($"{{{parameter.Name}}}", StringComparison.OrdinalIgnoreCase) || route.Contains($"{{{parameter.Name}:", StringComparison.OrdinalIgnoreCase));
            if (parameter.ParameterType != typeof(FunctionContext) && parameter.ParameterType != typeof(CancellationToken) && !isRouteValue)
            {
                throw new FunctionBindingException(name, $"parameter '{parameter.Name}' is neither the trigger, FunctionContext, CancellationToken nor a text of the route");
            }
        }
    }

    private static bool IsReadOnlyList(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>);
}

/// <summary>A function that the runtime cannot run as it is declared.</summary>
public sealed class FunctionBindingException(string function, string why) : Exception($"The function '{function}' cannot be bound: {why}.");

/// <summary>What to do when a function throws, as its attributes declare.</summary>
/// <param name="MaxRetryCount">-1 for ever, 0 never.</param>
/// <param name="Minimum">First delay.</param>
/// <param name="Maximum">Largest delay.</param>
public sealed record RetryPolicy(int MaxRetryCount, TimeSpan Minimum, TimeSpan Maximum)
{
    public static RetryPolicy Of(MethodInfo method) =>
        method.GetCustomAttribute<ExponentialBackoffRetryAttribute>() is { } exponential
            ? new RetryPolicy(exponential.MaxRetryCount, Interval(exponential.MinimumInterval), Interval(exponential.MaximumInterval))
            : method.GetCustomAttribute<FixedDelayRetryAttribute>() is { } constant
                ? new RetryPolicy(constant.MaxRetryCount, Interval(constant.DelayInterval), Interval(constant.DelayInterval))
                : new RetryPolicy(0, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>How long to wait before a retry, counted from 0; null when there is none left.</summary>
    public TimeSpan? DelayBefore(int retry) => MaxRetryCount >= 0 && retry >= MaxRetryCount
        ? null
        : TimeSpan.FromTicks(Math.Min(Maximum.Ticks, Minimum.Ticks << Math.Min(retry, 20)));

    private static TimeSpan Interval(string text) => TimeSpan.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
