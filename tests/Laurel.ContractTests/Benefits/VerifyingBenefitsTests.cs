using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Verification;
using Laurel.Membership.Verification;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Benefits;

/// <summary>A sound database with benefits granted, used and given back passes; one thing changed by hand is found under I17, or under the invariant
/// that it breaks before.</summary>
public sealed class VerifyingBenefitsTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    public static TheoryData<string, string, string, string> Corruptions => new()
    {
        { "a counter of a day", "UPDATE limit_counters SET used = used + 1 WHERE limit_code = 'benefit:priority_service:day'", "I17", "limit_counters" },
        { "a counter of all time", "UPDATE limit_counters SET used = used - 1 WHERE limit_code = 'benefit:priority_service:total'", "I17", "limit_counters" },
        { "a counter gone", "DELETE FROM limit_counters WHERE limit_code = 'benefit:birthday_gift:year'", "I17", "limit_counters" },
        { "a use gone", "DELETE FROM benefit_uses WHERE biz_no = 'kept'", "I17", "limit_counters" },
        { "a quantity", "UPDATE benefit_uses SET quantity = quantity + 1 WHERE biz_no = 'kept'", "I17", "limit_counters" },
        { "a use that was not given back", "UPDATE benefit_uses SET returned_at = consumed_at WHERE biz_no = 'kept'", "I17", "limit_counters" },
        { "a use that was given back", "UPDATE benefit_uses SET returned_at = NULL WHERE biz_no = 'returned'", "I17", "limit_counters" },
        { "another day", "UPDATE benefit_uses SET day = 20260401 WHERE biz_no = 'kept'", "I17", "limit_counters" },
        { "another benefit", "UPDATE benefit_uses SET benefit_code = 'level_discount' WHERE biz_no = 'kept'", "I17", "limit_counters" },
        {
            "more than the limit",
            "UPDATE benefit_uses SET quantity = 2 WHERE biz_no = 'gift'; UPDATE limit_counters SET used = 2 WHERE limit_code LIKE 'benefit:birthday_gift:%'",
            "I17",
            "benefit_uses"
        },
        { "a grant of nobody", "UPDATE member_benefits SET member_id = 1", "I9", "member_benefits" },
        { "a use of nobody", "UPDATE benefit_uses SET member_id = 1 WHERE biz_no = 'returned'", "I9", "benefit_uses" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task IsFoundUnderItsInvariant_When_OneThingIsChanged(string what, string sql, string invariant, string table)
    {
        await using var money = await MoneyDatabase.OpenAsync(DatabaseUnderTest.Sqlite, databases, "benefits-" + what.Replace(' ', '-'));
        await BenefitHistory.WriteAsync(money);
        (await SmallDatabase.SpoilAsync(money.Settings, sql)).ShouldBeGreaterThan(0, what);

        var report = await new Verifier(money.Node.Database).RunAsync(null, TestContext.Current.CancellationToken);

        var finding = report.Invariants.Single(candidate => candidate.Code.ToString() == invariant);
        finding.Failed.ShouldBeGreaterThan(0, string.Join("; ", report.Invariants.SelectMany(i => i.Offences.Select(o => $"{i.Code} {o}"))));
        finding.Offences.ShouldContain(offence => offence.Table == table);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task Holds_When_NothingIsChanged(DatabaseUnderTest kind)
    {
        await using var money = await MoneyDatabase.OpenAsync(kind, databases, "benefits-sound");
        await BenefitHistory.WriteAsync(money);

        var report = await new Verifier(money.Node.Database).RunAsync(null, TestContext.Current.CancellationToken);

        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I17).Checked.ShouldBe(8);
    }
}
