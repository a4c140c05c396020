using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Laurel.Server.Backups;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Backups;

/// <summary>An archive comes from elsewhere and is believed in nothing.</summary>
public sealed class ReadingAnArchiveTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("laurel-archive-").FullName;
    private readonly string _target;

    public ReadingAnArchiveTests() => _target = Directory.CreateDirectory(Path.Combine(_folder, "target")).FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GivesBackWhatWasWritten_When_ItIsWhole()
    {
        var source = Directory.CreateDirectory(Path.Combine(_folder, "source")).FullName;
        await File.WriteAllTextAsync(Path.Combine(source, "laurel.db"), new string('x', 300_000), Cancellation);
        var part = await BackupArchive.MeasureAsync(source, "laurel.db", Cancellation);
        var file = Path.Combine(_folder, "a.tar.gz");

        await BackupArchive.WriteAsync(file, Manifest(part), source, new Nobody(), Cancellation);
        var manifest = await BackupArchive.ReadAsync(file, _target, new Nobody(), Cancellation);

        manifest.Parts.ShouldBe([part]);
        manifest.Rows["members"].ShouldBe(3);
        manifest.Keys.ShouldBe(KeysPlace.LeftOut);
        (await File.ReadAllTextAsync(Path.Combine(_target, "laurel.db"), Cancellation)).Length.ShouldBe(300_000);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        await Should.ThrowAsync<IOException>(BackupArchive.WriteAsync(file, manifest, source, new Nobody(), Cancellation));
    }

    [Theory]
    [InlineData("../escape")]
    [InlineData("keys/../../escape")]
    [InlineData("/escape")]
    [InlineData("keys/.hidden")]
    [InlineData("a/b/c")]
    public async Task IsRefused_When_APartNamesAPlaceOutside(string name)
    {
        var file = await WriteAsync(Manifest(PartOf(name, "evil")), (name, "evil"));

        await RefusedAsync(file);

        Directory.GetFiles(_folder, "escape", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task IsRefused_When_APartHasAnotherHash() =>
        await RefusedAsync(await WriteAsync(Manifest(PartOf("laurel.db", "one")), ("laurel.db", "two")));

    [Fact]
    public async Task IsRefused_When_APartIsMissing() => await RefusedAsync(await WriteAsync(Manifest(PartOf("laurel.db", "one"))));

    [Fact]
    public async Task IsRefused_When_APartIsNotNamed() => await RefusedAsync(await WriteAsync(Manifest(), ("laurel.db", "one")));

    [Fact]
    public async Task IsRefused_When_APartComesTwice() =>
        await RefusedAsync(await WriteAsync(Manifest(PartOf("laurel.db", "one")), ("laurel.db", "one"), ("laurel.db", "one")));

    [Fact]
    public async Task IsRefused_When_ItsFormatIsNewer()
    {
        var file = await WriteAsync(Manifest() with { Format = BackupManifest.FormatVersion + 1 });

        (await RefusedAsync(file)).Message.ShouldContain("format");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<BackupException> RefusedAsync(string file) =>
        await Should.ThrowAsync<BackupException>(BackupArchive.ReadAsync(file, _target, new Nobody(), Cancellation));

    private async Task<string> WriteAsync(BackupManifest manifest, params IReadOnlyList<(string Name, string Content)> parts)
    {
        var file = Path.Combine(_folder, "b.tar.gz");
        await using var output = File.Create(file);
        await using var gzip = new GZipStream(output, CompressionLevel.Fastest);
        await using var tar = new TarWriter(gzip, TarEntryFormat.Pax);
        await tar.WriteEntryAsync(Entry(BackupManifest.FileName, manifest.ToJson()), Cancellation);
        foreach (var (name, content) in parts)
        {
            await tar.WriteEntryAsync(Entry(name, Encoding.UTF8.GetBytes(content)), Cancellation);
        }

        return file;
    }

    private static PaxTarEntry Entry(string name, byte[] content) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) };

    private static BackupPart PartOf(string name, string content) =>
        new(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content))));

    private static BackupManifest Manifest(params IReadOnlyList<BackupPart> parts) => new()
    {
        Format = BackupManifest.FormatVersion,
        LaurelVersion = "0.1.0",
        Dialect = "sqlite",
        SchemaVersion = 6,
        CreatedAt = new DateTimeOffset(2026, 11, 21, 9, 0, 0, TimeSpan.Zero),
        Keys = KeysPlace.LeftOut,
        Rows = new Dictionary<string, long> { ["members"] = 3 },
        RowsAreExact = true,
        Parts = parts,
    };

    private sealed class Nobody : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value)
        {
        }
    }
}
