using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Numerics;
using Azure.Identity;
using CustomerPipeline.Cli.Brokers;
using CustomerPipeline.Cli.Hosting;

namespace CustomerPipeline.Cli.Commands;

/// <summary>Options that several commands share, each described once.</summary>
internal static class CommonOptions
{
    public static Option<string> Data(string folder = LocalOptions.DefaultFolder) => new("--data", "-d")
    {
        Description = "Folder that everything is kept in.",
        HelpName = "DIR",
        DefaultValueFactory = _ => folder,
    };

    /// <summary>Names queues elsewhere; <see cref="AddressOf"/> reads it.</summary>
    public static Option<string?> Queues(string name, string does) => new(name)
    {
        Description = $"{does}: NAME.servicebus.windows.net (with your own identity), a connection string, or amqp://HOST of any AMQP 1.0 broker.",
        HelpName = "QUEUES",
    };

    /// <summary>Where queues elsewhere are.</summary>
    /// <exception cref="CommandException">The text names nothing.</exception>
    public static BrokerAddress AddressOf(string queues)
    {
        try
        {
            return BrokerAddress.Parse(queues, new DefaultAzureCredential());
        }
        catch (FormatException e)
        {
            throw new CommandException(e.Message);
        }
    }

    public static Argument<string> Customer() => new("CUSTOMER") { Description = "A customer's id, of today or of before a merge." };

    public static Option<int> Port() => Number(
        "--port", "Port to listen on, on loopback only; 0 for any free one.", 0, IPEndPoint.MaxPort, LocalOptions.DefaultPort, "-p");

    /// <summary>A number within limits: any other text is refused, with the limits.</summary>
    public static Option<T> Number<T>(string name, string description, T least, T most, T usual, params string[] aliases)
        where T : struct, INumber<T> => new(name, aliases)
        {
            Description = description,
            DefaultValueFactory = _ => usual,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (T.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
                {
                    return number;
                }

                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} must be a number from {least} to {most}, not '{text}'."));
                return usual;
            },
        };
}
