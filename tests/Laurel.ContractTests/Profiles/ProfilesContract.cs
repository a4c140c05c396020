using System.Text;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Profiles;

/// <summary>What members tell of themselves, on one database. Each scenario ends with every invariant kept.</summary>
public abstract class ProfilesContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Fact]
    public async Task IsAnsweredMaskedAndFoundByThePhone_When_EverythingIsTold()
    {
        await using var desk = await ProfileDesk.OpenAsync(kind, databases, "told");
        var member = await desk.NewMemberAsync("told", 0);

        var receipt = (ProfileReceipt)await desk.AppliedAsync(desk.Change(member, ProfileDesk.Everything));
        var shown = await desk.ReadAsync(member);
        var own = await desk.ReadAsync(member, forOwner: true);

        receipt.ShouldBe(new ProfileReceipt { MemberId = member.ToString(), Version = 1, Complete = true });
        (shown.Nickname, shown.Phone, shown.Email).ShouldBe(("小明", "139****1111", "m***@example.org"));
        var profile = shown.Profile.ShouldNotBeNull();
        (profile.RealName, profile.Gender, profile.Birthday, profile.Avatar).ShouldBe(("王**", "male", "****-05-12", "https://img.example.org/ming.png"));
        (profile.Attributes["shoe"].GetInt64(), profile.Attributes["remark"].GetString()).ShouldBe((42, "haggles"));
        own.Profile!.Birthday.ShouldBe("1990-05-12");
        own.Profile.Attributes.Keys.ShouldBe(["shoe"]);
        (await desk.ByPhoneAsync(ProfileDesk.Phone)).ShouldBe([member]);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task MovesWithThePhone_When_ItIsChangedOrCleared()
    {
        await using var desk = await ProfileDesk.OpenAsync(kind, databases, "phone");
        var member = await desk.NewMemberAsync("phone", 0);
        await desk.AppliedAsync(desk.Change(member, ProfileDesk.Everything));

        await desk.AppliedAsync(desk.Change(member, new ProfileChange { Phone = "13900002222" }));
        (await desk.ByPhoneAsync(ProfileDesk.Phone)).ShouldBeEmpty();
        (await desk.ByPhoneAsync("13900002222")).ShouldBe([member]);
        var cleared = (ProfileReceipt)await desk.AppliedAsync(desk.Change(member, new ProfileChange { Clear = ["phone", "avatar", "attributes.remark"] }));

        (cleared.Version, cleared.Complete).ShouldBe((3, false));
        (await desk.ByPhoneAsync("13900002222")).ShouldBeEmpty();
        var shown = await desk.ReadAsync(member);
        (shown.Phone, shown.Email, shown.Profile!.Avatar, shown.Profile.RealName).ShouldBe((null, "m***@example.org", null, "王**"));
        shown.Profile.Attributes.Keys.ShouldBe(["shoe"]);
    }

    [Fact]
    public async Task IsTakenOnce_When_ManyChangeTheSameVersion()
    {
        await using var desk = await ProfileDesk.OpenAsync(kind, databases, "version");
        var member = await desk.NewMemberAsync("version", 0);
        await desk.AppliedAsync(desk.Change(member, ProfileDesk.Everything));

        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(i => desk.SubmitAsync(desk.Change(member, new ProfileChange { Nickname = "n" + i, BaseVersion = 1 }))));

        outcomes.OfType<Outcome.Applied>().ShouldHaveSingleItem();
        outcomes.OfType<Outcome.Refused>().Select(refused => refused.Refusal.Code).Distinct().ShouldBe(["PROFILE_CHANGED"]);
        (await desk.ReadAsync(member)).Profile!.Version.ShouldBe(2);
    }

    [Fact]
    public async Task StaysForAYear_When_TheBirthdayWasTold()
    {
        await using var desk = await ProfileDesk.OpenAsync(kind, databases, "birthday");
        var member = await desk.NewMemberAsync("birthday", 0);
        await desk.AppliedAsync(desk.Change(member, ProfileDesk.Everything));
        var other = new ProfileChange { Birthday = new DateOnly(1991, 1, 1) };

        await desk.AppliedAsync(desk.Change(member, new ProfileChange { Birthday = new DateOnly(1990, 5, 12), Nickname = "same day" }));
        var refused = (await desk.SubmitAsync(desk.Change(member, other))).ShouldBeOfType<Outcome.Refused>().Refusal;
        (await desk.RefusedAsync(desk.Change(member, new ProfileChange { Clear = ["birthday"] }))).ShouldBe("BIRTHDAY_LOCKED");
        desk.Advance(TimeSpan.FromDays(364));
        (await desk.RefusedAsync(desk.Change(member, other))).ShouldBe("BIRTHDAY_LOCKED");
        desk.Advance(TimeSpan.FromDays(1));
        await desk.AppliedAsync(desk.Change(member, other));

        (refused.Code, refused.Values["until"], refused.Pointer).ShouldBe(("BIRTHDAY_LOCKED", "2027-03-01", "/birthday"));
        (await desk.ReadAsync(member, forOwner: true)).Profile!.Birthday.ShouldBe("1991-01-01");
    }

    [Fact]
    public async Task TakesAGuardian_When_TheMemberIsVeryYoung()
    {
        await using var desk = await ProfileDesk.OpenAsync(kind, databases, "guardian");
        var member = await desk.NewMemberAsync("guardian", 0);
        var today = DateOnly.FromDateTime(desk.Clock.GetUtcNow().UtcDateTime);
        var (younger, older) = (new ProfileChange { Nickname = "Kid", Birthday = today.AddYears(-14).AddDays(2) }, new ProfileChange { Birthday = today.AddYears(-14).AddDays(-2) });

        var refused = (await desk.SubmitAsync(desk.Change(member, younger))).ShouldBeOfType<Outcome.Refused>().Refusal;
        (refused.Code, refused.Values["age"], refused.Pointer).ShouldBe(("GUARDIAN_CONSENT_REQUIRED", 14, "/guardianConsent"));
        ((await desk.ReadAsync(member)).Nickname, await desk.CountAsync("member_consents", member)).ShouldBe((null, 0));
        await desk.AppliedAsync(desk.Change(member, younger with { Guardian = new GuardianConsent("2026-01", "mother, in writing", "till 7") }));

        (await desk.CountAsync("member_consents", member)).ShouldBe(1);
        var consents = await ConsentQueries.PageAsync(desk.Database, ProfileDesk.Tenant, member, null, 10, TestContext.Current.CancellationToken);
        var kept = consents.Current.ShouldNotBeNull().ShouldHaveSingleItem();
        (kept.Purpose, kept.TextVersion, kept.Given, kept.By, kept.HasOrigin).ShouldBe(("guardian", "2026-01", true, "till 7", true));

        // What is not told again is not asked about again, and who is old enough never is.
        await desk.AppliedAsync(desk.Change(member, new ProfileChange { Nickname = "Kiddo" }));
        var other = await desk.NewMemberAsync("older", 0);
        await desk.AppliedAsync(desk.Change(other, older with { Guardian = new GuardianConsent("2026-01", null, "till 7") }));
        (await desk.CountAsync("member_consents", other)).ShouldBe(0);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task HasToBeVerifiedAgain_When_TheMemberChangesItsRealName()
    {
        await using var desk = await ProfileDesk.OpenAsync(kind, databases, "verified");
        var member = await desk.NewMemberAsync("verified", 1_000);

        await desk.AppliedAsync(desk.Change(member, new ProfileChange { RealName = "王小明", ByStaff = true }));
        await desk.AppliedAsync(desk.Apply(member, 100, "w-1"));
        await desk.AppliedAsync(desk.Change(member, new ProfileChange { RealName = "王大明" }));

        (await desk.RefusedAsync(desk.Apply(member, 100, "w-2"))).ShouldBe("REAL_NAME_REQUIRED");
    }

    [Fact]
    public async Task FreezesNothingPersonal_When_ItIsAskedUnderAKey()
    {
        await using var desk = await ProfileDesk.OpenAsync(kind, databases, "frozen");
        var member = await desk.NewMemberAsync("frozen", 0);
        var key = new IdempotencyKey(Hash128.Of(1, "idempotency", "profile"), Hash128.Of(1, "request", "profile"));
        UpdateProfile Once() => new(ProfileDesk.Tenant, MemberReference.ById(member), ProfileDesk.Everything, desk.Books) { Idempotency = key };

        await desk.AppliedAsync(Once());
        var again = (await desk.SubmitAsync(Once())).ShouldBeOfType<Outcome.Replayed>();

        Encoding.UTF8.GetString(again.Reply.Body).ShouldBe($$"""{"memberId":"{{member}}","version":1,"complete":true}""");
    }

    [Fact]
    public async Task IsOneWithTheRegistration_When_BothShareABatch()
    {
        await using var desk = await ProfileDesk.OpenAsync(kind, databases, "batch");
        var request = new RegisterRequest { ExternalId = "batch", Nickname = null, Phone = "13811112222", Email = null, RegisteredAt = Instant.Now(desk.Clock) };
        var outcomes = await Task.WhenAll(
            desk.SubmitAsync(new RegisterMember(ProfileDesk.Tenant, request, desk.Books, desk.Node.Vault)),
            desk.SubmitAsync(new UpdateProfile(
                ProfileDesk.Tenant, MemberReference.ByExternalId(ProfileDesk.Tenant, "batch"), new ProfileChange { Email = "bea@example.org" }, desk.Books)));

        outcomes[0].ShouldBeOfType<Outcome.Applied>();
        var member = new MemberId(long.Parse(((MemberReply)((Outcome.Applied)outcomes[0]).Reply).Id, System.Globalization.CultureInfo.InvariantCulture));
        (await desk.ReadAsync(member)).Phone.ShouldBe("138****2222");
        (await desk.ReadAsync(member)).Email.ShouldBe(outcomes[1] is Outcome.Applied ? "b***@example.org" : null);
    }

    [Fact]
    public async Task KeepsEveryWord_When_ConsentIsGivenAndWithdrawn()
    {
        await using var desk = await ProfileDesk.OpenAsync(kind, databases, "consents");
        var member = await desk.NewMemberAsync("consents", 0);

        await desk.AppliedAsync(desk.Consent(member, "privacy_policy", given: true));
        await desk.AppliedAsync(desk.Consent(member, "marketing_sms", given: true, origin: "203.0.113.7"));
        await desk.AppliedAsync(desk.Consent(member, "marketing_sms", given: false));
        var page = await ConsentQueries.PageAsync(desk.Database, ProfileDesk.Tenant, member, null, 2, TestContext.Current.CancellationToken);

        page.Items.Select(one => (one.Purpose, one.Given, one.HasOrigin)).ShouldBe([("marketing_sms", false, false), ("marketing_sms", true, true)]);
        page.Current.ShouldNotBeNull().Select(one => (one.Purpose, one.Given, one.TextVersion, one.By))
            .ShouldBe([("marketing_sms", false, "2026-01", "till 7"), ("privacy_policy", true, "2026-01", "till 7")]);
        page.NextCursor.ShouldNotBeNull();
        await desk.VerifyPersonsAsync();
    }
}

public sealed class ProfilesOnSqliteTests(NamedDatabases databases) : ProfilesContract(DatabaseUnderTest.Sqlite, databases);

public sealed class ProfilesOnPostgresTests(NamedDatabases databases) : ProfilesContract(DatabaseUnderTest.Postgres, databases);

public sealed class ProfilesOnMySqlTests(NamedDatabases databases) : ProfilesContract(DatabaseUnderTest.MySql, databases);
