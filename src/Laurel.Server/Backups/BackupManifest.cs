using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Laurel.Server.Backups;

/// <summary>Where the master keys of a backup are.</summary>
internal enum KeysPlace
{
    /// <summary>In the archive: whoever has it can read phone and e-mail.</summary>
    Included,

    /// <summary>Left out with <c>--without-keys</c>.</summary>
    LeftOut,

    /// <summary>Given by <c>LAUREL_MASTER_KEYS</c>, so never in the data folder and not in the archive.</summary>
    Environment,
}

/// <summary>One file of the archive.</summary>
/// <param name="Name">Its path in the archive, such as <c>keys/master.json</c>.</param>
/// <param name="Sha256">Of its content, in lower-case hexadecimal.</param>
internal sealed record BackupPart(string Name, long Bytes, string Sha256);

/// <summary><c>manifest.json</c>, the first file of an archive: what the others must be.</summary>
internal sealed record BackupManifest
{
    /// <summary>Of archives that this program writes and reads.</summary>
    public const int FormatVersion = 1;

    public const string FileName = "manifest.json";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        // Read by people too, and never put into a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public required int Format { get; init; }

    /// <summary>Of the Laurel that wrote it.</summary>
    public required string LaurelVersion { get; init; }

    /// <summary><c>sqlite</c>, <c>postgres</c> or <c>mysql</c>: an archive goes back into the dialect it came from.</summary>
    public required string Dialect { get; init; }

    /// <summary>The number of the last migration that was applied.</summary>
    public required int SchemaVersion { get; init; }

    /// <summary>When the state that was copied was read.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    public required KeysPlace Keys { get; init; }

    /// <summary>Rows of the main tables.</summary>
    public required IReadOnlyDictionary<string, long> Rows { get; init; }

    /// <summary>Whether <see cref="Rows"/> was counted in the very state that was copied. Otherwise it was counted just
    /// before, and the copy may hold more.</summary>
    public required bool RowsAreExact { get; init; }

    public required IReadOnlyList<BackupPart> Parts { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, s_json);

    /// <exception cref="InvalidDataException">When it is no manifest.</exception>
    /// <exception cref="BackupException">When it is of a format that this program does not know.</exception>
    public static async Task<BackupManifest> ReadAsync(Stream json, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = await JsonSerializer.DeserializeAsync<BackupManifest>(json, s_json, cancellationToken)
                ?? throw new InvalidDataException($"{FileName} is empty");
            return manifest.Format == FormatVersion
                ? manifest
                : throw new BackupException($"The archive has format {manifest.Format} and this Laurel reads format {FormatVersion}. Nothing was changed.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{FileName} cannot be read: {exception.Message}", exception);
        }
    }
}

/// <summary>A backup or a restore cannot be done, or must not be; the message says why and what to do.</summary>
public sealed class BackupException(string message) : IOException(message);
