namespace Laurel.Platform.Access;

/// <summary>What stands for several permissions at once, in API keys and roles: the words of the shop's own documents.</summary>
public static class Grants
{
    /// <summary>Every permission there is.</summary>
    public const string Everything = "*";

    /// <summary>Every permission to read, whoever's it is, but for the register of tenants and the audit.</summary>
    public const string ReadAll = "read:all";

    /// <summary>Every permission to write, whoever's it is, but for the register of tenants; none to approve, adjust or refund.</summary>
    public const string UpdateAll = "update:all";

    /// <summary>Every permission to delete.</summary>
    public const string DeleteAll = "delete:all";

    /// <summary>Whether a word may stand in the list of a key or a role.</summary>
    public static bool IsKnown(string word) => word is Everything or ReadAll or UpdateAll or DeleteAll || Permission.All.Contains(word);

    /// <summary>The permissions that a list stands for. Words that are not known grant nothing: they may be of a newer version.</summary>
    public static IReadOnlySet<string> Expand(IEnumerable<string> words) => words.SelectMany(PermissionsOf).ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> PermissionsOf(string word) => word switch
    {
        Everything => Permission.All,
        ReadAll => OfMerchants(":read"),
        UpdateAll => OfMerchants(":write"),
        DeleteAll => OfMerchants(":delete"),
        _ => Permission.All.Where(permission => permission == word),
    };

    // Merchants are made and suspended by the platform's super administrator, who has everything. The audit is read by whom somebody names.
    private static IEnumerable<string> OfMerchants(string ending) => Permission.All.Where(permission =>
        permission.EndsWith(ending, StringComparison.Ordinal) && permission is not (Permission.TenantsRead or Permission.TenantsWrite or Permission.AuditRead));
}
