namespace CustomerPipeline.Application.Ports;

/// <summary>Settings that cannot work: the message is for the operator.</summary>
public sealed class SettingsException : Exception
{
    public SettingsException(string message)
        : base(message)
    {
    }

    public SettingsException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public SettingsException()
    {
    }
}
