namespace Laurel.Platform.Access;

/// <summary>What stands for several permissions at once, in API keys and roles: the words of the shop's own documents.</summary>
public static class Grants
{
    /// <summary>Every permission there is.</summary>
    public const string Everything = "*";

    /// <summary>Every permission to read, whoever's it is.</summary>
    public const string ReadAll = "read:all";

    /// <summary>Every permission to write, whoever's it is; none to approve, adjust or refund.</summary>
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
        ReadAll => Permission.All.Where(permission => permission.EndsWith(":read", StringComparison.Ordinal)),
        UpdateAll => Permission.All.Where(permission => permission.EndsWith(":write", StringComparison.Ordinal)),
        DeleteAll => Permission.All.Where(permission => permission.EndsWith(":delete", StringComparison.Ordinal)),
        _ => Permission.All.Where(permission => permission == word),
    };
}
