using Laurel.Platform.Files;

namespace Laurel.Server.Hosting;

/// <summary>The section <c>Files</c>: where pictures of members lie. All of it is in <c>docs/operate/settings.md</c>.</summary>
public sealed record FileSettings
{
    private static readonly string[] s_known = ["Folder", "S3"];
    private static readonly string[] s_bucket = ["Endpoint", "Bucket", "Region", "AccessKey", "SecretKey"];

    /// <summary>Null is <c>files</c> in the data folder.</summary>
    public string? Folder { get; init; }

    /// <summary>Null keeps them in a folder.</summary>
    public S3Options? S3 { get; init; }

    internal static FileSettings Read(SettingsReader reader)
    {
        foreach (var (section, known) in new[] { ("Files", s_known), ("Files:S3", s_bucket) })
        {
            foreach (var name in reader.Names(section).Except(known, StringComparer.OrdinalIgnoreCase))
            {
                reader.Require(false, $"{section}:{name} is not a setting: {section} has {string.Join(", ", known)}.");
            }
        }

        return new FileSettings { Folder = reader.Text("Files:Folder"), S3 = reader.Names("Files:S3").Count == 0 ? null : ReadBucket(reader) };
    }

    /// <summary>The store that the settings name.</summary>
    public IFileStore Open(string dataFolder, TimeProvider clock) =>
        S3 is null ? new DiskFiles(Path.GetFullPath(Folder ?? Path.Combine(dataFolder, "files"))) : new S3Files(S3, clock);

    private static S3Options? ReadBucket(SettingsReader reader)
    {
        var texts = s_bucket.ToDictionary(name => name, name => reader.Text("Files:S3:" + name) ?? (name == "Region" ? "us-east-1" : null));
        foreach (var (name, text) in texts)
        {
            reader.Require(text is not null, $"Files:S3:{name} is missing.");
        }

        var isAddress = Uri.TryCreate(texts["Endpoint"], UriKind.Absolute, out var endpoint)
            && endpoint.Scheme is "http" or "https" && endpoint is { AbsolutePath: "/", Query: "", UserInfo: "" };
        reader.Require(texts["Endpoint"] is null || isAddress, "Files:S3:Endpoint is the http or https address of the store, without a bucket or a path.");
        var isBucket = texts["Bucket"] is { Length: >= 3 and <= 63 } bucket && !bucket.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789.-");
        reader.Require(texts["Bucket"] is null || isBucket, "Files:S3:Bucket is 3 to 63 small letters, digits, dots and hyphens.");
        return texts.Values.All(text => text is not null) && isAddress && isBucket
            ? new S3Options(endpoint!, texts["Bucket"]!, new S3Credentials(texts["AccessKey"]!, texts["SecretKey"]!, texts["Region"]!))
            : null;
    }
}
