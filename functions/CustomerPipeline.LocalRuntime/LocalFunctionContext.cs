using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.LocalRuntime;

/// <summary>What a function may ask about its invocation. Members that no function here may need throw <see cref="NotSupportedException"/>.</summary>
internal sealed class LocalFunctionContext(
    string functionId, string invocationId, IReadOnlyDictionary<string, object?> bindingData, IServiceProvider services, CancellationToken cancellationToken)
    : FunctionContext
{
    private const string OnlyInTheWorker = "The local runtime does not have this part of the function's context.";

    public override string InvocationId => invocationId;

    public override string FunctionId => functionId;

    public override TraceContext TraceContext => throw new NotSupportedException(OnlyInTheWorker);

    public override BindingContext BindingContext { get; } = new LocalBindingContext(bindingData);

    public override RetryContext RetryContext => throw new NotSupportedException(OnlyInTheWorker);

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override FunctionDefinition FunctionDefinition => throw new NotSupportedException(OnlyInTheWorker);

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    public override IInvocationFeatures Features => throw new NotSupportedException(OnlyInTheWorker);

    public override CancellationToken CancellationToken => cancellationToken;

    private sealed class LocalBindingContext(IReadOnlyDictionary<string, object?> bindingData) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData => bindingData;
    }
}
