using Laurel.Server.Hosting;

namespace Laurel.Server.Backups;

/// <summary>The file of the master keys, in a data folder and in an archive.</summary>
internal static class KeysFile
{
    /// <summary>Below the data folder, as <c>MasterKeys.Load</c> looks for it.</summary>
    public const string Name = "keys/master.json";

    public static string Of(LaurelSettings settings) => Path.Combine(settings.DataFolder, Name);
}

/// <summary>What a restore does about the master keys. Keys that are given up are kept aside: they may be the only ones that
/// open some other backup.</summary>
internal sealed class RestoredKeys
{
    private readonly string? _from;
    private readonly string _to;

    private RestoredKeys(string? from, string to, string outcome) => (_from, _to, Outcome) = (from, to, outcome);

    public string Outcome { get; }

    /// <exception cref="BackupException">When no keys would be there afterwards, or others are there and must not be replaced.</exception>
    public static RestoredKeys Plan(LaurelSettings settings, string staging, bool replace)
    {
        var (from, to) = (Path.Combine(staging, KeysFile.Name), KeysFile.Of(settings));
        if (!File.Exists(from))
        {
            return settings.MasterKeys is not null || File.Exists(to)
                ? new RestoredKeys(null, to, "not in the archive; those given here are used")
                : throw new BackupException(
                    "The archive holds no keys and there are none here. Put the keys of the installation it came from at "
                    + $"{to}, or give LAUREL_MASTER_KEYS, and restore again.");
        }

        if (!File.Exists(to))
        {
            return new RestoredKeys(from, to, "restored");
        }

        if (File.ReadAllBytes(from).AsSpan().SequenceEqual(File.ReadAllBytes(to)))
        {
            return new RestoredKeys(null, to, "the same as before");
        }

        return replace
            ? new RestoredKeys(from, to, $"restored; the former ones are in {AsideOf(to)}")
            : throw new BackupException($"There are other keys at {to} than in the archive. Move them away, or say --replace.");
    }

    public void PutInPlace()
    {
        if (_from is null)
        {
            return;
        }

        BackupArchive.CreatePrivateFolder(Path.GetDirectoryName(_to)!);
        if (File.Exists(_to))
        {
            File.Move(_to, AsideOf(_to), overwrite: false);
        }

        File.Move(_from, _to);
    }

    private static string AsideOf(string file)
    {
        var number = 1;
        while (File.Exists($"{file}.before-restore-{number}"))
        {
            number++;
        }

        return $"{file}.before-restore-{number}";
    }
}
