using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CustomerPipeline.Application.Access;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.LocalServices;

/// <summary>A key for callers of the local host, as it is kept: by its hash only.</summary>
/// <param name="Name">What it is for; stands in the audit log.</param>
/// <param name="Hash">SHA-256 of the key, which is 256 random bits: nothing can be guessed from it.</param>
/// <param name="Scopes">What it allows.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record ApiKey(string Name, byte[] Hash, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt);

/// <summary>The keys of a data folder, in a file that only its owner can read. The running host sees each change of it at the next request.</summary>
public sealed class ApiKeys(string folder, TimeProvider clock)
{
    /// <summary>Who asks the host of a folder without keys.</summary>
    public const string Anybody = AccessGate.Anybody;

    /// <summary>Who can read the data folder.</summary>
    public const string Operator = "operator";

    private const string Prefix = "cp_";
    private const int KeyBytes = 32;

    private readonly string _file = Path.Combine(folder, "keys.json");
    private readonly Lock _reading = new();
    private (DateTime WrittenAt, long Length, IReadOnlyList<ApiKey> Keys) _read;

    /// <summary>All keys, by name; null where none was ever made.</summary>
    /// <exception cref="DataFolderException">The file cannot be read: nobody is let in before it can.</exception>
    public IReadOnlyList<ApiKey>? List()
    {
        lock (_reading)
        {
            var file = new FileInfo(_file);
            if (!file.Exists)
            {
                return null;
            }

            if ((file.LastWriteTimeUtc, file.Length) != (_read.WrittenAt, _read.Length))
            {
                try
                {
                    _read = (file.LastWriteTimeUtc, file.Length, JsonSerializer.Deserialize(File.ReadAllBytes(_file), ApiKeyJson.Default.ListApiKey) ?? []);
                }
                catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
                {
                    throw DataFolderException.OfKeys(_file, e);
                }
            }

            return _read.Keys;
        }
    }

    /// <summary>Makes a key. This is the only time that it is seen.</summary>
    /// <param name="name">Letters, digits, <c>-</c> and <c>_</c>.</param>
    /// <param name="scopes">What it allows, of <see cref="Scope.All"/>.</param>
    /// <exception cref="ArgumentException">The name is no name or is taken, or a scope is none; the message says which.</exception>
    public string Add(string name, IReadOnlyList<string> scopes)
    {
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') || name is Anybody or Operator)
        {
            throw new ArgumentException($"A key's name has 1 to 64 letters, digits, '-' or '_', and is neither '{Anybody}' nor '{Operator}'.");
        }

        if (scopes.Count == 0 || scopes.Any(s => !Scope.All.Contains(s)))
        {
            throw new ArgumentException($"Say what the key allows: {string.Join(", ", Scope.All)}.");
        }

        var keys = List() ?? [];
        if (keys.Any(k => k.Name == name))
        {
            throw new ArgumentException($"There is a key '{name}' already. Remove it first, or choose another name.");
        }

        var key = NewKey();
        Write([.. keys, new ApiKey(name, HashOf(key), [.. scopes.Distinct().Order(StringComparer.Ordinal)], clock.GetUtcNow())]);
        return key;
    }

    /// <summary>Takes a key away; false when there is none of that name.</summary>
    public bool Remove(string name)
    {
        var keys = List() ?? [];
        var left = keys.Where(k => k.Name != name).ToList();
        if (left.Count < keys.Count)
        {
            Write(left);
        }

        return left.Count < keys.Count;
    }

    internal static string NewKey() => Prefix + System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));

    internal static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    // No host ever reads half a file.
    private void Write(IReadOnlyList<ApiKey> keys)
    {
        Directory.CreateDirectory(folder);
        var written = _file + ".tmp";
        OwnersFile.Write(written, JsonSerializer.SerializeToUtf8Bytes([.. keys.OrderBy(k => k.Name, StringComparer.Ordinal)], ApiKeyJson.Default.ListApiKey));
        File.Move(written, _file, overwrite: true);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(List<ApiKey>))]
internal sealed partial class ApiKeyJson : JsonSerializerContext;
