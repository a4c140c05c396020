using System.Globalization;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Identity.Apps;
using Laurel.Kernel;
using Laurel.Membership.Addresses;
using Laurel.Membership.DataKeys;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Notes;
using Laurel.Membership.Profiles;
using Laurel.Membership.Statuses;
using Laurel.Membership.Verification;
using Laurel.Platform.Vault;
using Laurel.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Verification;

/// <summary>Two members of whom one of everything is kept that a data key seals, and a secret of a tenant.</summary>
public sealed class SealedHistoryDatabase : SpoilableDatabase
{
    /// <summary>What no command of these tests writes, sealed as the product seals it.</summary>
    public string More { get; private set; } = "";

    public MemberId First { get; private set; }

    public MemberId Second { get; private set; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected override async Task WriteAsync(LaurelNode node)
    {
        (First, Second) = (await WriteMemberAsync(node, "anna", "13900001111"), await WriteMemberAsync(node, "bo", "13900002222"));
        var secret = node.Secrets.Seal(LaurelNode.DefaultTenant, SignInApp.SecretPurpose, 7, "of QQ"u8);
        await using var session = await node.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        var wrapped = await session.Connection.QuerySingleAsync<byte[]>("SELECT wrapped_key FROM personal_data WHERE member_id = @Id", new { Id = First.Value });
        using var key = node.Vault.OpenKey(LaurelNode.DefaultTenant, First, wrapped);
        More = string.Create(CultureInfo.InvariantCulture, $"""
            INSERT INTO sign_in_apps (tenant_id, id, code, settings, secret, secret_set_at, changed_at)
                VALUES (1, 7, 'qq', '{"{}"}', x'{Convert.ToHexString(secret)}', 0, 0);
            INSERT INTO real_names (tenant_id, id, state, card, card_index, real_name, card_use, attempt, attempts_on, attempts, provider, changed_at) VALUES
                (1, {First.Value}, 'pending', x'{Sealed(key, PersonalField.IdentityCard)}', x'00000000000000000000000000000001',
                x'{Sealed(key, PersonalField.RealName)}', NULL, 2, 1, 1, 'staff', 0);

            """);
    }

    private static string Sealed(DataKey key, string field) => Convert.ToHexString(key.Encrypt(field, "told"));

    private static async Task<MemberId> WriteMemberAsync(LaurelNode node, string name, string phone)
    {
        var tenant = LaurelNode.DefaultTenant;
        var request = new RegisterRequest
        {
            ExternalId = name,
            Nickname = null,
            Phone = phone,
            Email = name + "@example.org",
            RegisteredAt = Instant.Now(TimeProvider.System),
        };
        var reply = (MemberReply)await AppliedAsync(node, new RegisterMember(tenant, request, node.Books, node.Vault));
        var id = new MemberId(long.Parse(reply.Id, CultureInfo.InvariantCulture));
        var member = MemberReference.ById(id);
        await AppliedAsync(node, new UpdateProfile(tenant, member, new ProfileChange { Gender = "male" }, node.Books));
        var address = new AddressText { Name = "Li", Phone = "+8613800138000", Province = "p", City = "c", District = "d", Address = "1 Long Lane" };
        await AppliedAsync(node, new AddAddress(tenant, member, address, false, node.Books));
        await AppliedAsync(node, new AddNote(tenant, member, "haggles", "olga", node.Books));
        await AppliedAsync(node, new GiveConsent(tenant, member, new ConsentGiven("privacy_policy", "1", true, "olga", "till 7"), node.Books));
        return id;
    }

    public static async Task<object> AppliedAsync(LaurelNode node, Command command) =>
        (await node.Lanes.SubmitAsync(command, Cancellation)).ShouldBeOfType<Outcome.Applied>().Reply;
}

/// <summary>I35: what is sealed opens; one thing changed by hand is found.</summary>
public sealed class VerifyingSealsTests(SealedHistoryDatabase database) : IClassFixture<SealedHistoryDatabase>
{
    /// <summary>What is done, the table that tells of it, and how many values open no more.</summary>
    public static TheoryData<string, string, int> Corruptions => new()
    {
        { "UPDATE personal_data SET phone = x'01' WHERE member_id = <first>", Persons, 1 },
        { "UPDATE personal_data SET phone = email WHERE member_id = <first>", Persons, 1 },
        { "UPDATE personal_data SET email = (SELECT o.email FROM personal_data o WHERE o.member_id = <second>) WHERE member_id = <first>", Persons, 1 },
        { "UPDATE personal_data SET profile = zeroblob(64) WHERE member_id = <first>", Persons, 1 },
        { "UPDATE personal_data SET wrapped_key = (SELECT o.wrapped_key FROM personal_data o WHERE o.member_id = <second>) WHERE member_id = <first>", Persons, 1 },
        { "UPDATE personal_data SET wrapped_key = x'01' WHERE member_id = <first>", Persons, 1 },
        { "UPDATE member_addresses SET sealed = x'01' WHERE member_id = <first>", "member_addresses", 1 },
        { "UPDATE member_notes SET sealed = (SELECT o.sealed FROM member_notes o WHERE o.member_id = <second>) WHERE member_id = <first>", "member_notes", 1 },
        { "UPDATE member_consents SET origin = zeroblob(40) WHERE member_id = <first>", "member_consents", 1 },
        { "UPDATE real_names SET card = real_name", "real_names", 1 },
        { "UPDATE real_names SET real_name = x'01'", "real_names", 1 },
        { "UPDATE sign_in_apps SET secret = x'01'", "sign_in_apps", 1 },
        { "UPDATE sign_in_apps SET id = 8", "sign_in_apps", 1 },
        { "UPDATE sign_in_apps SET tenant_id = 2", "sign_in_apps", 1 },
    };

    private const string Persons = "personal_data";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task IsFoundUnderItsInvariant_When_OneThingIsChanged(string sql, string table, int failed)
    {
        var copy = database.Copy();
        (await SmallDatabase.SpoilAsync(copy, database.More + sql
            .Replace("<first>", $"{database.First.Value}", StringComparison.Ordinal).Replace("<second>", $"{database.Second.Value}", StringComparison.Ordinal))).ShouldBeGreaterThan(0);

        var found = await VerifyAsync(copy);

        (found.Failed, found.Offences.Select(offence => offence.Table).Distinct().Single()).ShouldBe((failed, table));
        found.Offences.ShouldAllBe(offence => !offence.Found.Contains("told", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Holds_When_EverythingIsAsItWasSealedOrAnew()
    {
        var copy = database.Copy();
        (await SmallDatabase.SpoilAsync(copy, database.More)).ShouldBeGreaterThan(0);
        var before = await VerifyAsync(copy);
        before.Failed.ShouldBe(0);
        before.Checked.ShouldBeGreaterThan(10);

        await using (var node = await LaurelNode.OpenAsync(copy, "test", TimeProvider.System, NullLoggerFactory.Instance, Cancellation))
        {
            var receipt = (DataKeyReceipt)await SealedHistoryDatabase.AppliedAsync(node, new RenewDataKey(LaurelNode.DefaultTenant, database.First, isAsked: true, node.Books));
            receipt.Renewed.ShouldBeTrue();
        }

        var after = await VerifyAsync(copy);
        (after.Failed, after.Checked).ShouldBe((0, before.Checked));
    }

    [Fact]
    public async Task Holds_When_TheKeysOfAMergedMemberAndOfOneWhoLeftAreRenewed()
    {
        var copy = database.Copy();
        var tenant = LaurelNode.DefaultTenant;
        await using (var node = await LaurelNode.OpenAsync(copy, "test", TimeProvider.System, NullLoggerFactory.Instance, Cancellation))
        {
            async Task<bool> RenewAsync(MemberId member) =>
                ((DataKeyReceipt)await SealedHistoryDatabase.AppliedAsync(node, new RenewDataKey(tenant, member, isAsked: true, node.Books))).Renewed;
            var (from, into) = (MemberReference.ById(database.First), MemberReference.ById(database.Second));
            await SealedHistoryDatabase.AppliedAsync(node, new MergeMembers(tenant, from, into, new MergeRequest("t-1", "one person", "olga"), node.Books));
            (await RenewAsync(database.First), await RenewAsync(database.Second)).ShouldBe((true, true));
            await SealedHistoryDatabase.AppliedAsync(node, new EraseMerged(tenant, database.First, node.Books));
            (await RenewAsync(database.First), await RenewAsync(database.Second)).ShouldBe((false, true));
        }

        var found = await VerifyAsync(copy);
        found.Failed.ShouldBe(0);
        found.Checked.ShouldBeGreaterThan(6);
    }

    [Fact]
    public async Task IsPassedOverAndLeftAsItIs_When_SomethingOfAMemberCannotBeRead()
    {
        var copy = database.Copy();
        (await SmallDatabase.SpoilAsync(copy, $"UPDATE member_notes SET sealed = x'01' WHERE member_id = {database.First.Value}")).ShouldBe(1);
        var tenant = LaurelNode.DefaultTenant;
        await using (var node = await LaurelNode.OpenAsync(copy, "test", TimeProvider.System, NullLoggerFactory.Instance, Cancellation))
        {
            var outcome = await node.Lanes.SubmitAsync(new RenewDataKey(tenant, database.First, isAsked: true, node.Books), Cancellation);
            outcome.ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe("DATA_KEY_UNREADABLE");
            await SealedHistoryDatabase.AppliedAsync(node, new AskDataKeyRenewal(tenant));

            (await new DataKeyRenewals(node.Database, node.Lanes, node.Books).RunAsync(null, Cancellation)).ShouldBe(1);

            var renewal = (await DataKeyRenewals.FindAsync(node.Database, tenant, Cancellation)).ShouldNotBeNull();
            (renewal.Renewed, renewal.FinishedAt is null).ShouldBe((1, false));
        }

        (await VerifyAsync(copy)).Failed.ShouldBe(1);
    }

    private static async Task<InvariantFinding> VerifyAsync(LaurelSettings settings)
    {
        await using var node = await LaurelNode.OpenToReadAsync(settings, TimeProvider.System, Cancellation);
        var report = await new Verifier(node.Database) { Sealed = node.Sealed }.RunAsync(null, Cancellation);
        return report.Invariants.Single(invariant => invariant.Code == InvariantCode.I35);
    }
}
