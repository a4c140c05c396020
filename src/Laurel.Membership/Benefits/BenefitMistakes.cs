using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Benefits;

/// <summary>Finds everything that is wrong with the benefits and packages of a programme. What passes can be carried out.</summary>
internal sealed partial class BenefitMistakes(Programme programme, BenefitKinds kinds)
{
    private static readonly Wording s_benefit = new("the code of a benefit of this programme", "本计划中某项权益的编码");

    private static readonly Wording s_package = new("the code of a package of this programme", "本计划中某个权益包的编码");

    // They are the last part of paths that mean something else.
    private static readonly string[] s_reserved = ["packages", "grants", "uses"];

    private readonly List<FieldError> _found = [];

    /// <summary>Every mistake, with a pointer into the programme.</summary>
    public static IReadOnlyList<FieldError> Of(Programme programme, BenefitKinds kinds)
    {
        var mistakes = new BenefitMistakes(programme, kinds);
        mistakes.Look();
        return mistakes._found;
    }

    private void Look()
    {
        Nothing(programme.Benefits, "/benefits", benefit => benefit.Limits.Any(limit => limit is null));
        Nothing(programme.Packages, "/packages", package => package.Benefits.Any(named => named is null));
        if (_found.Count > 0)
        {
            return;
        }

        Require(programme.Benefits.Length <= BenefitLimits.BenefitsMax, "/benefits", FieldErrorCode.TooMany, ("max", BenefitLimits.BenefitsMax));
        Require(programme.Packages.Length <= BenefitLimits.PackagesMax, "/packages", FieldErrorCode.TooMany, ("max", BenefitLimits.PackagesMax));
        for (var i = 0; i < programme.Benefits.Length; i++)
        {
            var benefit = programme.Benefits[i];
            Look(benefit, At("/benefits", i));
            Unique(programme.Benefits.Take(i).All(other => other.Code != benefit.Code), At("/benefits", i) + "/code", benefit.Code);
        }

        for (var i = 0; i < programme.Packages.Length; i++)
        {
            var package = programme.Packages[i];
            Look(package, At("/packages", i));
            Unique(programme.Packages.Take(i).All(other => other.Code != package.Code), At("/packages", i) + "/code", package.Code);
        }

        LookAtPackages(programme.Levels, "");
        for (var i = 0; i < programme.Tracks.Length; i++)
        {
            LookAtPackages(programme.Tracks[i]?.Levels ?? [], At("/tracks", i));
        }
    }

    private void LookAtPackages(ImmutableArray<Level> levels, string at)
    {
        for (var i = 0; !levels.IsDefault && i < levels.Length; i++)
        {
            var named = levels[i]?.Package;
            var known = named is null || programme.Packages.Any(package => package.Code == named);
            Require(known, At($"{at}/levels", i) + "/package", FieldErrorCode.InvalidFormat, ("expected", s_package));
        }
    }

    private void Look(BenefitDefinition benefit, string at)
    {
        Code(benefit.Code, at);
        Names(benefit.NameEnglish, benefit.NameChinese, at);
        Require((benefit.Description?.Length ?? 0) <= 1_000, $"{at}/description", FieldErrorCode.TooLong, ("max", 1_000));
        Status(benefit.Status, at);
        Require(benefit is not { StartTime: { } from, EndTime: { } until } || from < until, $"{at}/endTime", FieldErrorCode.NothingBetween);
        if (kinds.Find(benefit.Kind) is { } kind)
        {
            kind.Prepare(new BenefitSettings(benefit.Settings, $"{at}/settings", _found));
        }
        else
        {
            Require(false, $"{at}/kind", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf([.. kinds.Codes])));
        }

        Require(Enum.IsDefined(benefit.UsedBy), $"{at}/usedBy", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(["call", "checkout"])));
        for (var i = 0; i < benefit.Limits.Length; i++)
        {
            var (limit, pointer) = (benefit.Limits[i], At($"{at}/limits", i));
            var counted = BenefitCounters.Periods.Contains(limit.Period);
            Require(counted, $"{pointer}/period", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(["day", "month", "year", "total"])));
            Unique(benefit.Limits.Take(i).All(other => other.Period != limit.Period), $"{pointer}/period", NameOf(limit.Period));
            Require(limit.UsesMax >= 0, $"{pointer}/usesMax", FieldErrorCode.OutOfRange, ("min", 0L), ("max", long.MaxValue));
        }
    }

    private void Look(BenefitPackage package, string at)
    {
        Code(package.Code, at);
        Names(package.NameEnglish, package.NameChinese, at);
        Status(package.Status, at);
        for (var i = 0; i < package.Benefits.Length; i++)
        {
            var (named, pointer) = (package.Benefits[i], At($"{at}/benefits", i));
            Require(programme.Benefits.Any(benefit => benefit.Code == named), pointer, FieldErrorCode.InvalidFormat, ("expected", s_benefit));
            Unique(!package.Benefits.Take(i).Contains(named), pointer, named);
        }
    }

    /// <summary>Notes items that are null, or have an item that is.</summary>
    private void Nothing<T>(IReadOnlyList<T?> items, string list, Func<T, bool> within)
        where T : class
    {
        for (var i = 0; i < items.Count; i++)
        {
            Require(items[i] is { } item && !within(item), At(list, i), FieldErrorCode.Required);
        }
    }

    private void Code(string code, string at) =>
        Require(CodeForm().IsMatch(code) && !s_reserved.Contains(code), $"{at}/code", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Code));

    private void Status(BenefitStatus status, string at) =>
        Require(Enum.IsDefined(status), $"{at}/status", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(["active", "disabled"])));

    private void Unique(bool holds, string pointer, string value) => Require(holds, pointer, FieldErrorCode.NotUnique, ("value", value));

    private void Names(string english, string chinese, string at)
    {
        foreach (var (name, field) in ((string, string)[])[(english, "nameEnglish"), (chinese, "nameChinese")])
        {
            Require((name?.Length ?? 0) <= 100, $"{at}/{field}", FieldErrorCode.TooLong, ("max", 100));
            Require(!string.IsNullOrWhiteSpace(name), $"{at}/{field}", FieldErrorCode.TooShort);
        }
    }

    private void Require(bool holds, string pointer, string code, params (string Name, object? Value)[] values)
    {
        if (!holds)
        {
            _found.Add(new FieldError(code, FieldOrigin.Body, pointer, values));
        }
    }

    private static string NameOf(CapPeriod period) => Enum.IsDefined(period) ? CapPeriods.NameOf(period) : "";

    private static string At(string list, int index) => $"{list}/{index.ToString(CultureInfo.InvariantCulture)}";

    [GeneratedRegex("^[a-z][a-z0-9_]{0,39}$", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex CodeForm();
}
