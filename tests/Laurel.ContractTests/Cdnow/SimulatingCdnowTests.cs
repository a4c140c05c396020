using Laurel.ContractTests.Model;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Membership.Simulation;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Cdnow;

/// <summary>A simulation is the product's own arithmetic: under the default programme it comes to what an import comes to.</summary>
public sealed class SimulatingCdnowTests
{
    [Fact]
    public void AgreesWithTheOracle_When_TheDefaultProgrammeIsSimulated()
    {
        var oracle = CdnowOracle.Compute();
        var orders = CdnowOracle.ReadByDate().Select(order => new SimulatedOrder(order.CustomerId, Instant.From(order.Time), order.OrderId, order.Amount)).ToList();

        var outcome = new ProgrammeSimulation(new Programme(), TimeProvider.System).Run(orders, cancellationToken: TestContext.Current.CancellationToken);

        outcome.Orders.ShouldBe(69_659);
        outcome.Refused.ShouldBeEmpty();
        outcome.Members.Count.ShouldBe(oracle.Count);
        foreach (var member in outcome.Members)
        {
            var figures = oracle[member.ExternalId];
            (member.Issued, member.Growth, member.Level).ShouldBe((figures.Lifetime, figures.Growth, figures.Level), member.ExternalId);
            (member.Issued - member.Expired).ShouldBe(member.Outstanding);
        }

        outcome.PaidByRule.Values.Sum().ShouldBe(9_532_889);
    }

    [Fact]
    public void PaysNoMoreThanThereIs_When_MembersShareABudget()
    {
        var orders = CdnowOracle.ReadByDate().Select(order => new SimulatedOrder(order.CustomerId, Instant.From(order.Time), order.OrderId, order.Amount)).ToList();
        var budget = new RuleCap { Period = CapPeriod.Total, Scope = CapScope.Programme, PointsMax = 10_000 };
        var programme = new Programme { Rules = [.. StandardRules.All.Select(rule => rule.Code == "order" ? rule with { Caps = [budget] } : rule)] };

        var outcome = new ProgrammeSimulation(programme, TimeProvider.System).Run(orders, cancellationToken: TestContext.Current.CancellationToken);

        outcome.PaidByRule["order"].ShouldBe(10_000);

        var byOthers = outcome.PaidByRule.Where(paid => paid.Key != "order").Sum(paid => paid.Value);
        outcome.Members.Sum(member => member.Issued).ShouldBe(byOthers + 10_000);
    }
}
