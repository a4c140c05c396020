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

    /// <summary>Whether names of a kind are what a person is reached by, and not what a provider knows it by or it has chosen.</summary>
    internal static bool IsReached(string kind) => kind is Phone or Email;
}

/// <summary>By whom it was shown that a name is its user's. What each permits is in docs/adr/0099.</summary>
public static class NameShown
{
    /// <summary>Nobody has to show a user name.</summary>
    public const string Chosen = "chosen";

    /// <summary>By a code that we sent there.</summary>
    public const string Code = "code";

    /// <summary>By the host, of a number that a provider has verified too.</summary>
    public const string Host = "host";

    /// <summary>By a provider. Of what the provider itself knows the user by that is all there is; a number is its word alone.</summary>
    public const string Provider = "provider";
}

/// <summary>What somebody signs in with, as it is looked for: of what kind it is, and a hash that only this installation can make.</summary>
/// <param name="Kind">Of <see cref="NameKind"/>, or a provider's.</param>
/// <param name="Hash">Keyed, by tenant and kind: <see cref="PersonalDataVault.BlindIndex"/>.</param>
/// <param name="Label">How it is shown: masked where it is personal.</param>
public sealed record NameKey(string Kind, Hash128 Hash, string Label)
{
    /// <summary>63 bits of the hash, by which rows are found. Should two names ever meet there, the second is refused as taken.</summary>
    public long Id => (long)(Hash.Low >> 1);

    /// <summary>Of <see cref="NameShown"/>: by whom it is shown, where it is bound by this.</summary>
    public string ShownBy { get; init; } = Kind == NameKind.Username ? NameShown.Chosen : NameKind.IsReached(Kind) ? NameShown.Code : NameShown.Provider;

    /// <inheritdoc cref="SignInName.IsUnproven"/>
    internal bool IsUnproven => NameKind.IsReached(Kind) && ShownBy == NameShown.Provider;

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

    /// <summary>Null only where a node before 0056 has taken the name away: a name that nobody has has no row.</summary>
    public required long? User { get; set; }

    /// <summary>Of <see cref="NameShown"/>.</summary>
    public required string ShownBy { get; set; }

    public required string Label { get; init; }

    public required Instant BoundAt { get; set; }

    /// <summary>Whether a provider alone has said that the number is the user's: it lets nobody in, joins nobody to the user, and goes to whoever shows it
    /// better.</summary>
    public bool IsUnproven => NameKind.IsReached(Kind) && ShownBy == NameShown.Provider;

    /// <summary>Whether a user signs in with it.</summary>
    internal bool LetsIn(NameKey key, long user) => Hash == key.Hash && User == user && !IsUnproven;

    internal static RowKind<SignInName> Rows { get; } = new(22, "sign_in_names", Read,
        Column<SignInName>.Hash("name_hash", n => n.Hash),
        Column<SignInName>.OpenText("kind", n => n.Kind),
        Column<SignInName>.NullableInt64("user_id", n => n.User),
        Column<SignInName>.Text("label", n => n.Label),
        Column<SignInName>.Instant("bound_at", n => n.BoundAt),
        Column<SignInName>.OpenText("shown_by", n => n.ShownBy))
    {
        HasPersonalIds = true,
    };

    /// <summary>Gives the name to a user, whose lock is held.</summary>
    /// <returns>Null when done, or the user has it already; otherwise that somebody else has it.</returns>
    internal static Refusal? Bind(Draft draft, User user, NameKey key)
    {
        var root = Rows.RootOf(user.Tenant, key.Id);
        if (draft.Edit<SignInName>(root) is not { } name)
        {
            draft.Create(root, new SignInName
            {
                Tenant = user.Tenant,
                Id = key.Id,
                Hash = key.Hash,
                Kind = key.Kind,
                User = user.Id,
                ShownBy = key.ShownBy,
                Label = key.Label,
                BoundAt = draft.Now,
            });
            user.NamesBound++;
            return null;
        }

        if (name.Hash != key.Hash || (name.User is { } owner && owner != user.Id && (!name.IsUnproven || key.IsUnproven)))
        {
            return new Refusal(ErrorCode.SignInNameTaken, ("kind", key.Kind));
        }

        if (name.User != user.Id)
        {
            (name.User, name.BoundAt, name.ShownBy) = (user.Id, draft.Now, key.ShownBy);
            user.NamesBound++;
        }
        else if (name.IsUnproven)
        {
            name.ShownBy = key.ShownBy;
        }

        return null;
    }

    /// <summary>Gives a user what came along with a sign-in, as far as nobody else has it and there is room: it keeps nobody from coming in.</summary>
    /// <returns>Null when done; BUSY when there is something to give and what the user has was not all read.</returns>
    internal static Refusal? BindWhatIsFree(Draft draft, User user, IReadOnlyList<NameKey> names, NamesSeen seen)
    {
        var (isWhole, count) = (seen.AreOf(user), seen.Names.Count);
        foreach (var key in names)
        {
            var isOwn = draft.Find<SignInName>(Rows.RootOf(user.Tenant, key.Id))?.User == user.Id;
            if (!isOwn && !isWhole)
            {
                return new Refusal(ErrorCode.Busy);
            }

            if ((isOwn || count < NamesSeen.CountMax) && Bind(draft, user, key) is null && !isOwn)
            {
                count++;
            }
        }

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
        ShownBy = row.Text(7),
    };
}

/// <summary>A name as its owner is shown it.</summary>
internal sealed record BoundName(long Id, string Kind, string Label, long BoundAt, string ShownBy);

/// <summary>What a user signs in with, as it was read before its lock.</summary>
/// <param name="Bound">How many names had ever been given to it: another number under the lock means that there are some that are not in the list.</param>
internal sealed record NamesSeen(long Bound, IReadOnlyList<BoundName> Names)
{
    /// <summary>How many names a user has at the most.</summary>
    public const int CountMax = 20;

    /// <summary>Of who is no user yet.</summary>
    public static readonly NamesSeen None = new(0, []);

    /// <summary>Whether the list has all that the user signs in with now; what others have taken from it since may be in it.</summary>
    public bool AreOf(User user) => Bound == user.NamesBound;

    public void NameRoots(TenantId tenant, ICollection<RootRef> roots)
    {
        foreach (var name in Names)
        {
            roots.Add(SignInName.Rows.RootOf(tenant, name.Id));
        }
    }
}
