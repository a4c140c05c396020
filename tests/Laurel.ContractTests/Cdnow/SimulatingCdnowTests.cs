using Laurel.ContractTests.Model;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
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
}
