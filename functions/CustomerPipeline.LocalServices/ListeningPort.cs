using System.Net;
using System.Net.Sockets;

namespace CustomerPipeline.LocalServices;

/// <summary>Checks a port before a host makes or deletes anything: a web server that cannot listen finds out late, and logs a stack trace.</summary>
public static class ListeningPort
{
    /// <summary>Refuses a port of this machine that cannot be listened on; 0 is any free one.</summary>
    /// <param name="port">The port, on loopback.</param>
    /// <param name="advice">Which option chooses another one.</param>
    /// <exception cref="ListeningPortException">Another process listens on the port, or this user may not.</exception>
    public static void Require(int port, string advice)
    {
        if (port == 0)
        {
            return;
        }

        // Without SO_REUSEPORT: the AMQP library sets it, so that two hosts would share a port, and each would get some of the connections.
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
        }
        catch (SocketException e)
        {
            var reason = e.SocketErrorCode == SocketError.AddressAlreadyInUse ? "is in use" : $"cannot be listened on ({e.SocketErrorCode})";
            throw new ListeningPortException($"Port {port} {reason}. Choose another one with {advice}.");
        }
    }
}

/// <summary>A port that cannot be listened on: why, and which option chooses another one.</summary>
public sealed class ListeningPortException(string message) : IOException(message);
