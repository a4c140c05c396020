using Laurel.Identity;
using Laurel.Identity.Codes;
using Laurel.Kernel;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity;

/// <summary>How many codes are sent in an hour, in a day, and how soon after one another.</summary>
public sealed class CodeBudgetTests
{
    private static readonly Instant s_midnight = Instant.From(new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero));

    private readonly CodeBudget _budget = new() { Tenant = new TenantId(1), Id = 1 };

    [Fact]
    public void SaysHowLongToWait_When_OneWasJustSent()
    {
        var limit = new CodeLimit(5, 10) { Pause = TimeSpan.FromMinutes(1) };

        _budget.Take(limit, s_midnight).ShouldBeNull();
        _budget.Take(limit, s_midnight.Plus(TimeSpan.FromSeconds(20))).ShouldBe(40);
        _budget.Take(limit, s_midnight.Plus(TimeSpan.FromSeconds(60))).ShouldBeNull();
    }

    [Fact]
    public void EndsWithTheHourAndTheDay_When_SoManyWereSent()
    {
        var limit = new CodeLimit(2, 3);

        _budget.Take(limit, s_midnight).ShouldBeNull();
        _budget.Take(limit, s_midnight).ShouldBeNull();
        _budget.Take(limit, s_midnight.Plus(TimeSpan.FromMinutes(50))).ShouldBe(600);
        _budget.Take(limit, s_midnight.Plus(TimeSpan.FromHours(1))).ShouldBeNull();
        _budget.Take(limit, s_midnight.Plus(TimeSpan.FromHours(2))).ShouldBe(22 * 3_600);
        _budget.Take(limit, s_midnight.Plus(TimeSpan.FromDays(1))).ShouldBeNull();
    }
}
