using System.Text;
using Laurel.Membership.Orders;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership;

/// <summary>Which tenant an event names before anything else of it is read.</summary>
public sealed class EventTenantTests
{
    [Theory]
    [InlineData("""{"id":"1","tenant":"red","data":{"tenant":"blue"}}""", "red")]
    [InlineData("""{"data":{"tenant":"blue","x":[1,{"tenant":"green"}]},"tenant":"red"}""", "red")]
    [InlineData("""{"tena\u006et":"red"}""", "red")]
    [InlineData("""{"id":"1","data":{"tenant":"blue"}}""", null)]
    [InlineData("""{"tenant":7}""", "")]
    [InlineData("""{"tenant":null}""", "")]
    [InlineData("""{"tenant":"red","tenant":"blue"}""", "")]
    [InlineData("""[{"tenant":"red"}]""", null)]
    [InlineData("""{"tenant":"red" """, null)]
    [InlineData("", null)]
    public void IsNamedByTheEventsOwnAttribute_When_ItIsOneEvent(string body, string? tenant) =>
        EventTenant.Of(Encoding.UTF8.GetBytes(body)).ShouldBe(tenant);
}
