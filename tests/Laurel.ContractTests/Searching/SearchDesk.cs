using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Profiles;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Profiles;
using Laurel.Membership.Programmes;
using Laurel.Membership.Search;
using Laurel.Membership.Tags;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Searching;

/// <summary>Finding members, in few words.</summary>
internal static class SearchDesk
{
    private const int PagesMax = 1_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<MoneyDatabase> OpenAsync(
        DatabaseUnderTest kind, NamedDatabases databases, string name, bool isFree = false, bool keepsFigures = false) => MoneyDatabase.OpenAsync(
        kind, databases, "search_" + name, programme: new Programme { Profile = ProfileDesk.Rules, Search = new SearchRules { Figures = keepsFigures } }, isFree: isFree);

    public static WriteTag Define(string code, string kind = Tag.PlainKind, bool isSystem = false) =>
        new(MoneyDesk.Tenant, code, new TagBody { Kind = kind, NameEnglish = code, NameChinese = code, IsSystem = isSystem });

    public static TagMember Tagged(this MoneyDesk desk, MemberId member, string code, bool given = true, bool bySystem = true) =>
        new(MoneyDesk.Tenant, MemberReference.ById(member), code, given, bySystem, desk.Books);

    public static Task<object> OrderAsync(this MoneyDesk desk, MemberId member, string id, long amount) => desk.AppliedAsync(new CompleteOrder(
        MoneyDesk.Tenant,
        MemberReference.ById(member),
        new OrderRequest { OrderId = id, Currency = "CNY", Amount = amount, Lines = [] },
        new EventOrigin("/test", "order.completed", id),
        desk.Books));

    /// <summary>One member who is tagged, and is so no more.</summary>
    public static async Task WriteHistoryAsync(MoneyDesk desk)
    {
        var member = await desk.NewMemberAsync("tagged", 0);
        await desk.AppliedAsync(Define("history"));
        await desk.AppliedAsync(desk.Tagged(member, "history"));
        await desk.AppliedAsync(desk.Tagged(member, "history", given: false));
    }

    public static SearchFill Fill(this MoneyDatabase desk) => new(desk.Database, desk.Node.Lanes, desk.Books, desk.Clock);

    /// <summary>Fills what is to be filled: begun, settled and carried out.</summary>
    public static async Task FillAsync(this MoneyDatabase desk)
    {
        await desk.Fill().RunAsync(MoneyDesk.Tenant, null, Cancellation);
        desk.Advance(TimeSpan.FromMinutes(2));
        await desk.Fill().RunAsync(MoneyDesk.Tenant, null, Cancellation);
    }

    public static Task<FoundMembers> PageAsync(this MoneyDatabase desk, MemberFilter filter, SearchPlace? after = null, int limit = 200, TenantId? tenant = null) =>
        new MemberSearch(desk.Node.Vault).FindAsync(
            desk.Database, tenant ?? MoneyDesk.Tenant, desk.Books.Programmes.Latest(MoneyDesk.Tenant)!.Programme, filter, after, limit, Cancellation);

    /// <summary>All whom a filter finds, page by page.</summary>
    public static async Task<List<long>> FindAsync(this MoneyDatabase desk, MemberFilter filter, int limit = 200)
    {
        var found = new List<long>();
        SearchPlace? after = null;
        for (var pages = 0; pages < PagesMax; pages++)
        {
            var page = await desk.PageAsync(filter, after, limit);
            page.Refusal.ShouldBeNull();
            page.Ids.Count.ShouldBeLessThanOrEqualTo(limit);
            found.AddRange(page.Ids);
            if (page.Next is not { } next)
            {
                return found;
            }

            after = next;
        }

        throw new InvalidOperationException("A list never ended.");
    }

    public static async Task<long[]> NamedAsync(this MoneyDatabase desk, string name) => [.. await desk.FindAsync(new MemberFilter { Name = name })];
}
