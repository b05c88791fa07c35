namespace CustomerPipeline.Application.Ports;

/// <summary>Files of published figures, for tools that read folders of files.</summary>
public interface IFigureFiles
{
    /// <summary>Writes a file or replaces it: whoever reads it gets the one before or this one, whole.</summary>
    /// <param name="path">Relative, with <c>/</c> between folders; of letters, digits, <c>= - . _</c>.</param>
    /// <param name="content">All of it.</param>
    /// <param name="cancellationToken">Stops before the file is replaced.</param>
    Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);
}
