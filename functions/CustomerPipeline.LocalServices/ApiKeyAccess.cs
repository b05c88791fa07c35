using System.Security.Cryptography;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.LocalServices;

/// <summary>
/// Callers of the local host, known by their API keys. As long as none was made, everybody on this machine may do everything: the host listens on loopback only. The operator, who can read the
/// data folder anyway, has a key that the host makes at its start and that ends with it.
/// </summary>
public sealed class ApiKeyAccess : IAccessControl
{
    private readonly ApiKeys _keys;
    private readonly byte[] _operatorHash;

    /// <param name="keys">Of the data folder.</param>
    public ApiKeyAccess(ApiKeys keys)
    {
        _keys = keys;
        OperatorKey = ApiKeys.NewKey();
        _operatorHash = ApiKeys.HashOf(OperatorKey);
    }

    /// <summary>Allows everything.</summary>
    public string OperatorKey { get; }

    public string Challenge => "Basic realm=\"CustomerPipeline: any name, and an API key as password\", charset=\"UTF-8\"";

    public ValueTask<Admission> AdmitAsync(Credentials credentials, string scope, CancellationToken cancellationToken) => ValueTask.FromResult(Admit(credentials.Key, scope));

    private Admission Admit(string? shown, string scope)
    {
        if (_keys.List() is not { } known)
        {
            return new Admission.Granted(ApiKeys.Anybody, IsLimited: false);
        }

        if (shown is null)
        {
            return new Admission.NotKnown("Send an API key: in the header x-functions-key, as the password of Basic authentication, or as a library's write key.");
        }

        var hash = ApiKeys.HashOf(shown);
        if (CryptographicOperations.FixedTimeEquals(hash, _operatorHash))
        {
            return new Admission.Granted(ApiKeys.Operator, IsLimited: false);
        }

        // Every key is compared, and each in the same time, so that nothing can be learnt from how long it took.
        ApiKey? found = null;
        foreach (var key in known)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, key.Hash) ? key : found;
        }

        return found is null ? new Admission.NotKnown("There is no such API key.")
            : found.Scopes.Contains(scope) ? new Admission.Granted(found.Name)
            : new Admission.NotAllowed($"This needs the scope {scope}, which the key '{found.Name}' does not have.");
    }
}
