using Laurel.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Verification;

/// <summary>A history that the product wrote into a SQLite file of its own, of which each test may spoil a copy.</summary>
public abstract class SpoilableDatabase : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("laurel-verify-").FullName;
    private int _copies;

    public LaurelSettings Settings { get; private set; } = null!;

    /// <summary>By which the history is written.</summary>
    protected virtual TimeProvider Clock => TimeProvider.System;

    public async ValueTask InitializeAsync()
    {
        Settings = Prepare(SettingsOf(Path.Combine(_folder, "sound")));
        await using var node = await LaurelNode.OpenAsync(
            Settings, "test", Clock, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        await WriteAsync(node);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A copy of the database that a test may spoil.</summary>
    public LaurelSettings Copy()
    {
        var target = Path.Combine(_folder, $"copy{Interlocked.Increment(ref _copies)}");
        // With its keys: what is sealed with them would be found altered otherwise.
        foreach (var file in Directory.GetFiles(Settings.DataFolder, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(Settings.DataFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return SettingsOf(target);
    }

    /// <summary>The settings with which the history is written.</summary>
    protected virtual LaurelSettings Prepare(LaurelSettings settings) => settings;

    /// <summary>Writes the history.</summary>
    protected abstract Task WriteAsync(LaurelNode node);

    private static LaurelSettings SettingsOf(string folder)
    {
        var (settings, mistakes) = LaurelSettings.Read(folder, null);
        mistakes.ShouldBeEmpty();
        return settings! with { Database = DatabaseKind.Sqlite, DatabaseUrl = null };
    }
}
