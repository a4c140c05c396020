using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Vault;

namespace Laurel.Identity.Users;

/// <summary>The kinds of names that people sign in with. A provider's name is a kind too.</summary>
public static class NameKind
{
    public const string Username = "username";
    public const string Phone = "phone";
    public const string Email = "email";
}

/// <summary>What somebody signs in with, as it is looked for: of what kind it is, and a hash that only this installation can make.</summary>
/// <param name="Kind">Of <see cref="NameKind"/>, or a provider's.</param>
/// <param name="Hash">Keyed, by tenant and kind: <see cref="PersonalDataVault.BlindIndex"/>.</param>
/// <param name="Label">How it is shown: masked where it is personal.</param>
public sealed record NameKey(string Kind, Hash128 Hash, string Label)
{
    /// <summary>63 bits of the hash, by which rows are found. Should two names ever meet there, the second is refused as taken.</summary>
    public long Id => (long)(Hash.Low >> 1);

    public static NameKey Of(PersonalDataVault vault, TenantId tenant, string kind, string normalised) => new(
        kind,
        vault.BlindIndex(tenant, "sign-in " + kind, kind == NameKind.Username ? normalised.ToLowerInvariant() : normalised),
        kind switch
        {
            NameKind.Phone => PhoneNumber.Hide(normalised),
            NameKind.Email => EmailAddress.Hide(normalised),
            NameKind.Username => normalised,
            _ => kind,
        });
}

/// <summary>A name and the user who signs in with it.</summary>
public sealed class SignInName : RowAggregate
{
    public required Hash128 Hash { get; init; }

    public required string Kind { get; init; }

    /// <summary>Null for a name that nobody has any more.</summary>
    public long? User { get; set; }

    public required string Label { get; init; }

    public required Instant BoundAt { get; set; }

    internal static RowKind<SignInName> Rows { get; } = new(22, "sign_in_names", Read,
        Column<SignInName>.Hash("name_hash", n => n.Hash),
        Column<SignInName>.OpenText("kind", n => n.Kind),
        Column<SignInName>.NullableInt64("user_id", n => n.User),
        Column<SignInName>.Text("label", n => n.Label),
        Column<SignInName>.Instant("bound_at", n => n.BoundAt))
    {
        HasPersonalIds = true,
    };

    /// <summary>Gives the name to a user.</summary>
    /// <returns>Null when done, or the user has it already; otherwise that somebody else has it.</returns>
    internal static Refusal? Bind(Draft draft, TenantId tenant, NameKey key, long user)
    {
        var root = Rows.RootOf(tenant, key.Id);
        if (draft.Edit<SignInName>(root) is not { } name)
        {
            draft.Create(root, new SignInName { Tenant = tenant, Id = key.Id, Hash = key.Hash, Kind = key.Kind, User = user, Label = key.Label, BoundAt = draft.Now });
            return null;
        }

        if (name.Hash != key.Hash || (name.User is not null && name.User != user))
        {
            return new Refusal(ErrorCode.SignInNameTaken, ("kind", key.Kind));
        }

        (name.User, name.BoundAt) = (user, name.User is null ? draft.Now : name.BoundAt);
        return null;
    }

    private static SignInName Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        Hash = row.Hash(2),
        Kind = row.Text(3),
        User = row.Int64OrNull(4),
        Label = row.Text(5),
        BoundAt = row.Instant(6),
    };
}
