using System.Globalization;
using Laurel.Platform.Features;
using Microsoft.Extensions.Configuration;

namespace Laurel.Server.Hosting;

/// <summary>The section <c>Features</c> of the settings: a name, and for whom it is on.</summary>
internal static class FeatureSection
{
    private const decimal BasisPointsOfPercent = 100;

    /// <param name="note">Takes a mistake; reading goes on.</param>
    public static FeatureFlags Read(IConfigurationSection section, Action<string> note) =>
        new([.. section.GetChildren().Select(feature => ReadRule(feature, note))]);

    private static FeatureRule ReadRule(IConfigurationSection feature, Action<string> note)
    {
        if (feature.Key.Length > FeatureFlags.NameLengthMax || !feature.Key.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'))
        {
            note($"{feature.Path}: a feature's name is 1 to {FeatureFlags.NameLengthMax} small letters, digits, '-' or '_'.");
        }

        foreach (var unknown in feature.GetChildren().Where(child => child.Key is not ("Percent" or "Tenants")))
        {
            note($"{unknown.Path} is not a setting: a feature has Percent and Tenants.");
        }

        return new FeatureRule { Name = feature.Key, ShareBasisPoints = ReadShare(feature, note), Tenants = ReadTenants(feature, note) };
    }

    private static int ReadShare(IConfigurationSection feature, Action<string> note)
    {
        if (decimal.TryParse(feature["Percent"], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            && percent is >= 0 and <= 100
            && decimal.IsInteger(percent * BasisPointsOfPercent))
        {
            return (int)(percent * BasisPointsOfPercent);
        }

        note($"{feature.Path}:Percent is a number from 0 to 100 with two decimals at the most, not '{feature["Percent"]}'.");
        return 0;
    }

    private static HashSet<int> ReadTenants(IConfigurationSection feature, Action<string> note)
    {
        var tenants = new HashSet<int>();
        foreach (var item in feature.GetSection("Tenants").GetChildren())
        {
            if (int.TryParse(item.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var tenant) && tenant > 0)
            {
                tenants.Add(tenant);
            }
            else
            {
                note($"{item.Path} is the number of a tenant, not '{item.Value}'.");
            }
        }

        return tenants;
    }
}
