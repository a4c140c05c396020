using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Files;

namespace Laurel.Membership.Avatars;

/// <summary>A file that is to be removed from the store.</summary>
/// <param name="DueAt">From when on; the earliest instant there is, at once.</param>
internal sealed record FileRemoval(int Tenant, string Name, Instant DueAt);

/// <summary>Pictures of members that lie in the store of files. Whatever lies there is somebody's, or is written down as what is to be
/// removed: before a file is stored, and in the commit that lets go of it.</summary>
internal static class AvatarFiles
{
    private const string PathStart = "/files/";

    /// <summary>How long a file may wait for the profile that keeps it. Storing one ends after seconds, one way or another.</summary>
    public static readonly TimeSpan ReservedFor = TimeSpan.FromDays(1);

    private static readonly Column<FileRemoval>[] s_keys =
        [Column<FileRemoval>.Int32("tenant_id", r => r.Tenant), Column<FileRemoval>.Text("name", r => r.Name)];

    /// <summary>Writes down that a file is to be removed.</summary>
    public static readonly SetStatement<FileRemoval> Let = Statements.InsertMissing("file_removals", [.. s_keys, Column<FileRemoval>.Instant("due_at", r => r.DueAt)]);

    /// <summary>Takes a file off the list: somebody keeps it, or it is gone.</summary>
    public static readonly SetStatement<FileRemoval> Strike = new(
        sqlite: "DELETE FROM file_removals WHERE tenant_id = $1 AND name = $2",
        postgres: "DELETE FROM file_removals f USING unnest($1, $2) k (tenant_id, name) WHERE f.tenant_id = k.tenant_id AND f.name = k.name",
        s_keys);

    /// <summary>Puts off the removal of a file that could not be removed.</summary>
    public static readonly SetStatement<FileRemoval> PutOff = new(
        sqlite: "UPDATE file_removals SET due_at = $3 WHERE tenant_id = $1 AND name = $2",
        postgres: """
            UPDATE file_removals f SET due_at = k.due_at FROM unnest($1, $2, $3) k (tenant_id, name, due_at) WHERE f.tenant_id = k.tenant_id AND f.name = k.name
            """,
        [.. s_keys, Column<FileRemoval>.Instant("due_at", r => r.DueAt)]);

    /// <summary>Where a picture is answered.</summary>
    public static string AddressOf(FileName name) => PathStart + name;

    /// <summary>The file of an address of ours; null of any other.</summary>
    public static string? NameOf(string? address) =>
        address is not null && address.StartsWith(PathStart, StringComparison.Ordinal) && FileName.TryParse(address[PathStart.Length..], out var name) ? name.Text : null;
}
