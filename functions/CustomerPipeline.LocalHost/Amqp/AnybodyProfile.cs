using Amqp;
using Amqp.Sasl;
using Amqp.Types;

namespace CustomerPipeline.LocalHost.Amqp;

/// <summary>A SASL mechanism that lets everybody in, whatever they say: the endpoint is for this machine only, and its development connection string has no secret.</summary>
internal sealed class AnybodyProfile(string mechanism) : SaslProfile(mechanism)
{
    protected override ITransport UpgradeTransport(ITransport transport) => transport;

    protected override DescribedList GetStartCommand(string hostname) => throw new NotSupportedException("This side only answers.");

    protected override DescribedList OnCommand(DescribedList command) => new SaslOutcome { Code = SaslCode.Ok };
}
