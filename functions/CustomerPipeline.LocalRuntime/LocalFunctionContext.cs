using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.LocalRuntime;

/// <summary>What a function may ask about its invocation.</summary>
internal sealed class LocalFunctionContext(
    string functionId, string invocationId, IReadOnlyDictionary<string, object?> bindingData, IServiceProvider services, CancellationToken cancellationToken)
    : FunctionContext
{
    public override string InvocationId => invocationId;

    public override string FunctionId => functionId;

    public override BindingContext BindingContext { get; } = new LocalBindingContext(bindingData);

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    public override CancellationToken CancellationToken => cancellationToken;

    private sealed class LocalBindingContext(IReadOnlyDictionary<string, object?> bindingData) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData => bindingData;
    }
}
