using System.Text.Json;
using Dapper;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;
using Laurel.Membership.Programmes;
using Laurel.Membership.Search;
using Laurel.Membership.Verification;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Profiles;

/// <summary>Members as persons, in few words.</summary>
internal static class ProfileDesk
{
    public static readonly TenantId Tenant = MoneyDesk.Tenant;

    public const string Phone = "13900001111";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A shoe size, and what the staff thinks.</summary>
    public static ProfileRules Rules { get; } = new()
    {
        Attributes =
        [
            new() { Code = "shoe", NameEnglish = "Shoe size", NameChinese = "鞋码", Type = AttributeType.Number, Min = 20, Max = 60, Required = true },
            new() { Code = "remark", NameEnglish = "Remark", NameChinese = "备注", StaffOnly = true },
        ],
        CompleteFields = ["nickname", "phone", "birthday"],
    };

    public static Task<MoneyDatabase> OpenAsync(DatabaseUnderTest kind, NamedDatabases databases, string name, Programme? programme = null) =>
        MoneyDatabase.OpenAsync(kind, databases, "person_" + name, programme: programme ?? new Programme { Profile = Rules });

    public static UpdateProfile Change(this MoneyDesk desk, MemberId member, ProfileChange change) => new(Tenant, MemberReference.ById(member), change, desk.Books);

    public static GiveConsent Consent(this MoneyDesk desk, MemberId member, string purpose, bool given, string? origin = null) =>
        new(Tenant, MemberReference.ById(member), new ConsentGiven(purpose, "2026-01", given, "till 7", origin), desk.Books);

    /// <summary>Everything that a person can tell.</summary>
    public static ProfileChange Everything { get; } = new()
    {
        Nickname = "小明",
        Phone = Phone,
        Email = "ming@example.org",
        RealName = "王小明",
        Gender = "male",
        Birthday = new DateOnly(1990, 5, 12),
        Avatar = "https://img.example.org/ming.png",
        Attributes = new Dictionary<string, JsonElement> { ["shoe"] = JsonSerializer.SerializeToElement(42), ["remark"] = JsonSerializer.SerializeToElement("haggles") },
        ByStaff = true,
    };

    public static async Task<MemberReply> ReadAsync(this MoneyDatabase desk, MemberId member, bool forOwner = false)
    {
        await using var reader = new MemberReader(ReadRouter.Of(desk.Database), desk.Node.Vault, desk.Clock);
        return (await reader.FindAsync(desk.Database, Tenant, member, desk.Books.Programmes.Latest(Tenant)!.Programme, forOwner)).ShouldNotBeNull();
    }

    public static async Task<MemberId[]> ByPhoneAsync(this MoneyDatabase desk, string phone) =>
    [
        .. (await new MemberSearch(desk.Node.Vault).FindAsync(
            desk.Database, Tenant, desk.Books.Programmes.Latest(Tenant)!.Programme, new MemberFilter { Phone = phone }, null, 200, Cancellation))
            .Ids.Select(id => new MemberId(id)),
    ];

    public static async Task<long> CountAsync(this MoneyDesk desk, string table, MemberId member)
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return await session.Connection.ExecuteScalarAsync<long>(
            $"SELECT COUNT(*) FROM {table} WHERE tenant_id = @Tenant AND member_id = @Member", new { Tenant = Tenant.Value, Member = member.Value });
    }

    /// <summary>Files that are to be removed, now or later.</summary>
    public static async Task<long> CountRemovalsAsync(this MoneyDesk desk)
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return await session.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM file_removals");
    }

    public static async Task VerifyPersonsAsync(this MoneyDesk desk)
    {
        var report = await new Verifier(desk.Database).RunAsync(null, Cancellation);
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
    }
}
