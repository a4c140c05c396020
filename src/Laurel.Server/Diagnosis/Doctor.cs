using Laurel.Server.Hosting;

namespace Laurel.Server.Diagnosis;

/// <summary>Looks an installation over, beside a running server if need be, and changes nothing in it.</summary>
internal static class Doctor
{
    /// <summary>Everything that can be looked at; what builds on something broken is left out.</summary>
    /// <param name="dataFolder">From <c>--data</c>, or null.</param>
    /// <param name="urls">From <c>--urls</c>, or null.</param>
    public static async Task<IReadOnlyList<Finding>> ExamineAsync(string? dataFolder, string? urls, TimeProvider clock, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        if (ReadSettings(dataFolder, urls, findings) is not { } settings)
        {
            return findings;
        }

        findings.AddRange(MachineChecks.Run(settings));
        findings.AddRange(await FolderChecks.RunAsync(settings, cancellationToken));
        findings.AddRange(await DatabaseChecks.RunAsync(settings, clock, cancellationToken));
        findings.AddRange(await BrokerChecks.RunAsync(settings, cancellationToken));
        findings.AddRange(await CacheChecks.RunAsync(settings, clock, cancellationToken));
        return findings;
    }

    private static LaurelSettings? ReadSettings(string? dataFolder, string? urls, List<Finding> findings)
    {
        const string Subject = "settings";
        const string Remedy = "Correct it in the environment or in laurel.json of the data folder; docs/start.md and docs/operate/settings.md list all settings.";
        var (settings, mistakes) = LaurelSettings.Read(dataFolder, urls);
        findings.AddRange(mistakes.Select(mistake => Finding.Fault(Subject, mistake, Remedy)));
        if (settings is not null)
        {
            findings.Add(Finding.Fine(Subject, $"Every setting is understood. The data folder is {settings.DataFolder}."));
        }

        return settings;
    }
}
