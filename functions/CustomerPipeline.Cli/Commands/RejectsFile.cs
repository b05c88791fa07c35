using System.Text.Encodings.Web;
using System.Text.Json;
using CustomerPipeline.Application.Receive;

namespace CustomerPipeline.Cli.Commands;

/// <summary>All that <c>send</c> rejected, a JSON object a line.</summary>
internal sealed class RejectsFile : IDisposable
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly FileStream _file;

    private RejectsFile(FileStream file) => _file = file;

    /// <exception cref="CommandException">The file cannot be written.</exception>
    public static RejectsFile? Create(FileInfo? file)
    {
        try
        {
            return file is null ? null : new RejectsFile(file.Create());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--rejects: {e.Message}");
        }
    }

    public void Add(string file, IEnumerable<RejectedPayload> rejected)
    {
        foreach (var problem in rejected)
        {
            using (var writer = new Utf8JsonWriter(_file, Readable))
            {
                writer.WriteStartObject();
                writer.WriteString("file", file);
                writer.WriteNumber("index", problem.Index);
                writer.WriteString("code", problem.Code);
                writer.WriteString("detail", problem.Detail);
                writer.WriteEndObject();
            }

            _file.WriteByte((byte)'\n');
        }
    }

    public void Dispose() => _file.Dispose();
}
