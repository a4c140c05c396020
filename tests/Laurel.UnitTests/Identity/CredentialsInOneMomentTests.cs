using System.Globalization;
using System.Security.Cryptography;
using Laurel.Engine.Lanes;
using Laurel.Identity.Sessions;
using Laurel.Identity.SignIn;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Vault;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity;

/// <summary>Sign-ins, revocations and changes of names that are decided one after the other at the same instant, as a batch decides them.</summary>
public sealed class CredentialsInOneMomentTests
{
    private const string Hash = "hash";

    private static readonly TenantId s_tenant = new(1);
    private static readonly TimeSpan s_life = TimeSpan.FromDays(30);

    private readonly MemoryLane _lane = new(new IdGenerator(TimeProvider.System, node: 0), _ => null);
    private readonly SecretVault _vault = new(MasterKeys.Parse($"a:{Key(1)},index:{Key(2)}"), RandomNumberGenerator.Create());
    private readonly AccessChanges _changes = new();
    private Instant _now = Instant.From(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public void IsOver_When_ItBeganBeforeTheRevocation()
    {
        var user = NewUser("olga");
        var session = SignIn(user, "olga");

        Decide(new SignOutEverywhere(s_tenant, user, _changes)).ShouldBe("");

        Refresh(session).ShouldBe("REFRESH_TOKEN_INVALID");
    }

    [Fact]
    public void Lasts_When_ItBeganAfterTheRevocation()
    {
        var user = NewUser("olga");
        Decide(new SignOutEverywhere(s_tenant, user, _changes)).ShouldBe("");
        var session = SignIn(user, "olga");

        Refresh(session).ShouldBe("");
    }

    [Fact]
    public void EndsAllButItsOwn_When_APasswordIsSet()
    {
        var user = NewUser("olga");
        var before = SignIn(user, "olga");

        var own = ((SignInReply)Apply(new SetPassword(s_tenant, user, "new", Hash, proof: null, Start(), _changes))).Session;
        var after = SignIn(user, "olga");

        Refresh(before).ShouldBe("REFRESH_TOKEN_INVALID");
        Refresh(own).ShouldBe("");
        Refresh(after).ShouldBe("");
    }

    [Fact]
    public void IsSeenOnceADay_When_ItKeepsRefreshing()
    {
        var user = NewUser("olga");
        var session = SignIn(user, "olga");
        var signedInAt = _now;

        for (var hour = 1; hour <= 50; hour++)
        {
            _now = signedInAt.Plus(TimeSpan.FromHours(hour));
            Refresh(session).ShouldBe("");
            User(user).SeenAt.ShouldBe(signedInAt.Plus(TimeSpan.FromHours(hour / 24 * 24)), $"after {hour} hours");
        }

        User(user).LastLoginAt.ShouldBe(signedInAt);
    }

    [Fact]
    public void LetsNobodyIn_When_TheNameHasGoneToSomebodyElse()
    {
        var (first, second) = (NewUser("first"), NewUser("second"));
        Bind(first, KeyOf("phone", "1")).ShouldBe("");
        Decide(new UnbindName(s_tenant, first, "phone", SeenOf(first, KeyOf("phone", "1")))).ShouldBe("");
        Bind(second, KeyOf("phone", "1")).ShouldBe("");

        // Both were looked up when the number was the first one's.
        Decide(new CompleteSignIn(s_tenant, first, KeyOf("phone", "1"), Start())).ShouldBe("SIGN_IN_FAILED");
        Decide(new SetPassword(s_tenant, first, "new", seen: null, proof: null, Start(), _changes) { By = KeyOf("phone", "1") }).ShouldBe("SIGN_IN_FAILED");
        Decide(new CompleteSignIn(s_tenant, second, KeyOf("phone", "1"), Start())).ShouldBe("");
        User(first).PasswordHash.ShouldBe(Hash);
    }

    [Fact]
    public void LeavesNothingBehind_When_ANameIsUnboundAndTakenAgain()
    {
        var user = NewUser("olga");
        var phone = KeyOf("phone", "1");
        Bind(user, phone).ShouldBe("");
        NameOf(phone)!.User.ShouldBe(user);

        Decide(new UnbindName(s_tenant, user, "phone", SeenOf(user, phone))).ShouldBe("");
        NameOf(phone).ShouldBeNull();

        Bind(user, phone).ShouldBe("");
        (NameOf(phone)!.User, User(user).NamesBound).ShouldBe((user, 3));
    }

    [Fact]
    public void IsRefused_When_AUserHasAsManyNamesAsThereMayBe()
    {
        var user = NewUser("olga");
        var names = Enumerable.Range(0, NamesSeen.CountMax).Select(i => KeyOf("phone", i.ToString(CultureInfo.InvariantCulture))).ToList();
        for (var i = 0; i < NamesSeen.CountMax - 1; i++)
        {
            Bind(user, names[i]).ShouldBe("");
        }

        Bind(user, names[^1]).ShouldBe("SIGN_IN_NAMES_FULL");
        Bind(user, names[0]).ShouldBe("", "it has that one already");
        NameOf(names[^1]).ShouldBeNull();

        // What comes along with a sign-in keeps nobody from coming in.
        var open = KeyOf("wechat_mini", "app:open");
        Decide(new CompleteSignIn(s_tenant, user, KeyOf("username", "olga"), Start()) { Names = [open], Seen = SeenOf(user) }).ShouldBe("");
        NameOf(open).ShouldBeNull();
    }

    /// <summary>A list that was read before somebody else's change would leave out what that change has bound.</summary>
    [Fact]
    public void IsReadAgain_When_TheListOfNamesIsNoLongerWhole()
    {
        var user = NewUser("olga");
        var early = SeenOf(user);
        Bind(user, KeyOf("phone", "1")).ShouldBe("");

        Decide(new BindName(s_tenant, user, [KeyOf("phone", "2")], proof: null, early)).ShouldBe("BUSY");
        Decide(new UnbindName(s_tenant, user, "username", early)).ShouldBe("BUSY");
        Decide(new CompleteSignIn(s_tenant, user, KeyOf("username", "olga"), Start()) { Names = [KeyOf("wechat", "app:open")], Seen = early }).ShouldBe("BUSY");
        NameOf(KeyOf("wechat", "app:open")).ShouldBeNull();
    }

    [Fact]
    public void GivesWay_When_ANumberThatAProviderHasShownIsShownByACode()
    {
        var (first, owner) = (NewUser("first"), NewUser("owner"));
        var phone = KeyOf("phone", "1");
        var unproven = phone with { ShownBy = NameShown.Provider };
        Bind(first, unproven).ShouldBe("");
        Decide(new CompleteSignIn(s_tenant, first, phone, Start())).ShouldBe("SIGN_IN_FAILED");
        Bind(NewUser("rival"), unproven).ShouldBe("SIGN_IN_NAME_TAKEN");

        Bind(owner, phone).ShouldBe("");

        (NameOf(phone)!.User, NameOf(phone)!.ShownBy).ShouldBe((owner, NameShown.Code));
        Bind(first, unproven).ShouldBe("SIGN_IN_NAME_TAKEN");
        Bind(first, phone).ShouldBe("SIGN_IN_NAME_TAKEN");
    }

    [Fact]
    public void IsNoWayIn_When_AProviderAloneHasShownTheNumber()
    {
        var user = NewUser("olga");
        var (open, unproven) = (KeyOf("wechat_mini", "app:open"), KeyOf("phone", "1") with { ShownBy = NameShown.Provider });
        Bind(user, open).ShouldBe("");
        Bind(user, unproven).ShouldBe("");
        Decide(new UnbindName(s_tenant, user, "username", SeenOf(user, open, unproven))).ShouldBe("");

        Decide(new UnbindName(s_tenant, user, "wechat_mini", SeenOf(user, open, unproven))).ShouldBe("SIGN_IN_NAME_LAST");
        Bind(user, unproven with { ShownBy = NameShown.Code }).ShouldBe("");
        Decide(new UnbindName(s_tenant, user, "wechat_mini", SeenOf(user, open, unproven))).ShouldBe("");
    }

    private static string Key(byte first) => Convert.ToBase64String([first, .. new byte[31]]);

    private static NameKey KeyOf(string kind, string name) => new(kind, Hash128.Of(1, "test", kind, name), name);

    private long NewUser(string username) => long.Parse(
        ((UserReply)Apply(new CreateUser(s_tenant, KeyOf("username", username), username, "OPERATOR", Hash, Hands.None))).Id, CultureInfo.InvariantCulture);

    private SessionStart Start() => new(_vault, s_life, Device: null, _changes);

    private Session SignIn(long user, string username) => ((SignInReply)Apply(new CompleteSignIn(s_tenant, user, KeyOf("username", username), Start()))).Session;

    private string Refresh(Session session)
    {
        var stored = _lane.Find<Session>(Session.Kind.RootOf(s_tenant, session.Id))!;
        return Decide(new RefreshSession(new RefreshToken(s_tenant.Value, stored.Id, stored.Generation), stored.User, s_life, _changes));
    }

    private string Bind(long user, NameKey name) => Decide(new BindName(s_tenant, user, [name], proof: null, SeenOf(user)));

    private User User(long id) => _lane.Find<User>(Laurel.Identity.Users.User.Kind.RootOf(s_tenant, id))!;

    private SignInName? NameOf(NameKey key) => _lane.Find<SignInName>(SignInName.Rows.RootOf(s_tenant, key.Id));

    // The count is that of all names; the user name is named, and those that are looked at.
    private NamesSeen SeenOf(long user, params NameKey[] names)
    {
        var bound = User(user).NamesBound;
        var listed = names.Prepend(KeyOf("username", User(user).Username)).Select(name => new BoundName(name.Id, name.Kind, name.Label, 0, name.ShownBy)).ToList();
        while (listed.Count < bound)
        {
            listed.Add(new BoundName(-listed.Count, "phone", "", 0, NameShown.Code));
        }

        return new NamesSeen(bound, listed);
    }

    private object Apply(Command command) => _lane.Decide(command, _now).ShouldBeOfType<Decision.Apply>().Reply;

    private string Decide(Command command) => _lane.Decide(command, _now) switch
    {
        Decision.Apply { Answer.Code: var code } => code,
        Decision.Apply => "",
        Decision.Refuse { Refusal.Code: var code } => code,
        var other => other.ToString(),
    };
}
