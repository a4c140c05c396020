using System.Text;
using Laurel.Engine.Events;
using Laurel.Kernel;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Events;

/// <summary>What is stored of the events of a batch is what is read of it.</summary>
public sealed class EventBodyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5_000)]
    public void GivesBackEveryEventInOrder_When_ReadAgain(int count)
    {
        var lines = Enumerable.Range(0, count).Select(LineOf).ToList();

        var events = EventStore.ReadBody(EventBody.Compress(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")))));

        events.Select(e => Encoding.UTF8.GetString(e.CloudEvent.Span)).ShouldBe(lines);
        events.Select(e => e.Id).ShouldBe(Enumerable.Range(0, count).Select(i => $"9-{i}"));
        events.ShouldAllBe(e => e.Tenant == new TenantId(7) && e.Type == "points.earned");
        events[^1].MemberId.ShouldBe(1_000 + count - 1);
    }

    [Fact]
    public void TakesLittleRoom_When_EventsAreAlike()
    {
        var lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 500).Select(i => LineOf(i) + "\n")));

        EventBody.Compress(lines).Length.ShouldBeLessThan(lines.Length / 5);
    }

    [Fact]
    public void IsRefused_When_ItIsDamaged()
    {
        var body = EventBody.Compress(Encoding.UTF8.GetBytes(LineOf(1) + "\n"));

        Should.Throw<InvalidDataException>(() => EventStore.ReadBody(body.AsSpan(0, body.Length / 2)));
        Should.Throw<InvalidDataException>(() => EventStore.ReadBody("plain text"u8));
        Should.Throw<InvalidDataException>(() => EventStore.ReadBody(EventBody.Compress("{\"id\":\"no end of line\"}"u8)));
    }

    private static string LineOf(int number) =>
        $$$"""{"specversion":"1.0","id":"9-{{{number}}}","source":"/laurel/tenants/7","type":"points.earned","subject":"{{{1_000 + number}}}","data":{"id":"not this one","points":{{{number}}}}}""";
}
