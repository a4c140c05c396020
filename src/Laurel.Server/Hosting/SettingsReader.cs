using System.Globalization;
using Laurel.Membership.Finance;
using Laurel.Membership.Programmes;
using Laurel.Platform.Features;
using Laurel.Platform.Limits;
using Laurel.Server.Jobs;
using Microsoft.Extensions.Configuration;

namespace Laurel.Server.Hosting;

/// <summary>Reads settings one by one and collects every mistake.</summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _mistakes = [];

    public IReadOnlyList<string> Mistakes => _mistakes;

    public string? Text(string name) => configuration[name] is { Length: > 0 } text ? text : null;

    /// <summary>The names of what a section holds; none when it is absent.</summary>
    public IReadOnlyList<string> Names(string section) => [.. configuration.GetSection(section).GetChildren().Select(child => child.Key)];

    public int Integer(string name, int byDefault, int min, int max)
    {
        if (Text(name) is not { } text)
        {
            return byDefault;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        _mistakes.Add($"{name} is a whole number from {min} to {max}, not '{text}'.");
        return byDefault;
    }

    public T Choice<T>(string name, T byDefault)
        where T : struct, Enum
    {
        if (Text(name) is not { } text)
        {
            return byDefault;
        }

        if (Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value))
        {
            return value;
        }

        _mistakes.Add($"{name} is one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}, not '{text}'.");
        return byDefault;
    }

    /// <summary>What a section says of the programme; nothing when it is absent.</summary>
    public ProgrammeSection Programme(string name)
    {
        try
        {
            var section = configuration.GetSection(name).Get<ProgrammeSection>() ?? new ProgrammeSection();
            _mistakes.AddRange(section.Over(new Programme()).Mistakes().Select(mistake => $"{name}: {mistake}"));
            return section;
        }
        catch (InvalidOperationException exception)
        {
            _mistakes.Add($"{name}: {exception.Message}");
            return new ProgrammeSection();
        }
    }

    /// <summary>The accounts of a file; those by default where none is named.</summary>
    public FinanceAccounts FinanceAccounts(string name)
    {
        if (Text(name) is not { } file)
        {
            return Membership.Finance.FinanceAccounts.Default;
        }

        var (accounts, mistakes) = AccountsFile.Read(file);
        _mistakes.AddRange(mistakes.Select(mistake => $"{name}: {mistake}"));
        return accounts ?? Membership.Finance.FinanceAccounts.Default;
    }

    /// <summary>The features of a section; none when it is absent.</summary>
    public FeatureFlags Features(string name) => FeatureSection.Read(configuration.GetSection(name), _mistakes.Add);

    /// <summary>The limits of a section; those by default when it is absent.</summary>
    public RateLimitOptions Limits(string name) => LimitsSection.Read(configuration.GetSection(name), _mistakes.Add);

    /// <summary>The schedules of a section by the name of their job.</summary>
    /// <param name="known">The jobs there are.</param>
    public IReadOnlyDictionary<string, JobSchedule> Jobs(string name, IReadOnlyList<string> known)
    {
        var schedules = new Dictionary<string, JobSchedule>();
        foreach (var job in configuration.GetSection(name).GetChildren())
        {
            if (!known.Contains(job.Key))
            {
                _mistakes.Add($"{job.Path} is not a job: there are {string.Join(", ", known)}.");
            }
            else if (JobSchedule.Parse(job.Value ?? "") is { } schedule)
            {
                schedules.Add(job.Key, schedule);
            }
            else
            {
                _mistakes.Add($"{job.Path} is a number of seconds from 1 to 86400 or a cron expression such as '0 0/5 * * * ?', not '{job.Value}'.");
            }
        }

        return schedules;
    }

    public void Require(bool holds, string sentence)
    {
        if (!holds)
        {
            _mistakes.Add(sentence);
        }
    }
}
