using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Model;

/// <summary>
/// Real history through two calculations that share no line: the figures of every customer must agree, and their sums
/// must be those a script in another language found.
/// </summary>
public sealed class CdnowUnderTheDefaultProgrammeTests
{
    private static readonly IReadOnlyDictionary<string, CdnowFigures> Oracle = CdnowOracle.Compute();

    [Fact]
    public void FileIsWhole_When_Read()
    {
        var orders = CdnowOracle.ReadFile();

        orders.Count.ShouldBe(69_659);
        orders.Select(order => order.CustomerId).Distinct(StringComparer.Ordinal).Count().ShouldBe(23_570);
        orders.Sum(order => order.Amount).ShouldBe(250_031_563);
        orders.Count(order => order.Amount == 0).ShouldBe(80);
        orders[^1].ShouldBe(new CdnowOrder("cdnow-69659", "23570", new DateOnly(1997, 3, 26), 4_296));
    }

    [Fact]
    public void SumsAreThoseFoundElsewhere_When_Computed()
    {
        Oracle.Values.Sum(figures => figures.Balance).ShouldBe(1_069_067);
        Oracle.Values.Sum(figures => figures.Lifetime).ShouldBe(9_532_889);
        Oracle.Values.Sum(figures => figures.Growth).ShouldBe(2_453_159);
        Oracle.Values.CountBy(figures => figures.Level).ToDictionary().ShouldBe(
            new Dictionary<string, int> { ["bronze"] = 23_176, ["silver"] = 387, ["gold"] = 7 },
            ignoreOrder: true);
    }

    [Theory]
    // 11 + 200 + 100, all expired.
    [InlineData("00001", 0, 311, 11)]
    // Two orders of one day, 12 + 77 + 200 + 100.
    [InlineData("00002", 0, 389, 89)]
    // 57 + 20 + 16 from November 1997 on are left of 20 + 20 + 19 + 57 + 20 + 16 + 200 + 100.
    [InlineData("00003", 93, 452, 152)]
    public void CustomerHasWhatAPersonCounts_When_Computed(string customer, long balance, long lifetime, long growth) =>
        Oracle[customer].ShouldBe(new CdnowFigures(customer, balance, lifetime, growth, "bronze"));

    [Fact]
    public async Task EveryCustomerAgrees_When_RunThroughTheNaiveModel()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var loyalty = new NaiveLoyalty(ShortfallPolicy.Negative);
        var registered = new HashSet<string>(StringComparer.Ordinal);
        foreach (var order in CdnowOracle.ReadByDate())
        {
            if (registered.Add(order.CustomerId))
            {
                await loyalty.RegisterAsync(
                    new Operation.Register { Member = order.CustomerId, Time = order.Time },
                    cancellationToken);
            }

            var outcome = await loyalty.CompleteOrderAsync(
                new Operation.Order
                {
                    Member = order.CustomerId,
                    OrderId = order.OrderId,
                    Time = order.Time,
                    Amount = order.Amount,
                },
                cancellationToken);
            outcome.ShouldBeOfType<Outcome.Applied>();
        }

        List<CdnowFigures> found = [];
        foreach (var customer in registered)
        {
            var state = await loyalty.StateAsOfAsync(customer, CdnowOracle.AsOf, cancellationToken);
            found.Add(new CdnowFigures(customer, state!.Available, state.Lifetime, state.Growth, state.Level));
        }

        found.Count.ShouldBe(23_570);
        found.Where(figures => figures != Oracle[figures.CustomerId]).ShouldBeEmpty();
    }
}
