using System.Globalization;
using System.Text;
using System.Text.Json;
using Laurel.Engine.Events;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Events;

/// <summary>The events of a batch, written by the lane: complete CloudEvents, in one row, for little.</summary>
public sealed class EventWriterTests
{
    private static readonly EventType<long> s_type = new(
        "points.earned",
        "A member earned points.",
        EventField<long>.Id("member_id", "The member's id", number => number),
        EventField<long>.Integer("points", "The points", number => number * 10),
        EventField<long>.NullableText("related_order", "The order", number => number % 2 == 0 ? null : "订单\"1\""),
        EventField<long>.NullableTime("expires_at", "The end", number => number == 0 ? Instant.Never : new Instant(1_700_000_000_123_456)));

    private readonly EventHub _hub = new(NullLogger<EventHub>.Instance);

    [Fact]
    public async Task AreWholeCloudEvents_When_TheBatchIsRead()
    {
        var told = await WriteAsync([0, 1]);

        told.Select(record => record.Id).ShouldBe(["900-0", "900-1"]);
        var root = JsonDocument.Parse(told[1].CloudEvent).RootElement;
        root.EnumerateObject().Select(property => property.Name).ShouldBe(
            ["specversion", "id", "source", "type", "subject", "time", "recordedtime", "sequence", "datacontenttype", "dataschema", "data"]);
        root.GetProperty("source").GetString().ShouldBe("/laurel/tenants/3");
        root.GetProperty("subject").GetString().ShouldBe("1");
        root.GetProperty("time").GetString().ShouldBe("2023-11-14T22:13:20.123456Z");
        root.GetProperty("sequence").GetString().ShouldBe("00000000000000000501");
        root.GetProperty("data").GetProperty("related_order").GetString().ShouldBe("订单\"1\"");
        var first = JsonDocument.Parse(told[0].CloudEvent).RootElement.GetProperty("data");
        first.GetProperty("expires_at").ValueKind.ShouldBe(JsonValueKind.Null);
        first.GetProperty("related_order").ValueKind.ShouldBe(JsonValueKind.Null);
        Encoding.UTF8.GetString(told[0].CloudEvent.Span).ShouldNotContain("\n");
    }

    [Fact]
    public async Task AddsARowForTheBatchAndOneForEachQueue_When_EventsWereRaised()
    {
        var writer = new EventWriter(new EventSink(_hub) { Targets = [OutboxTarget.Always("x"), OutboxTarget.Always("y")] });

        var script = await StoreAsync(writer, 1, Raised([1, 2, 3]));

        script.Steps.Select(step => step.RowCount).ShouldBe([1, 1, 1]);
    }

    /// <summary>Many events are written by another thread. Those of a batch that was given up may still be on their way when the next one begins.</summary>
    [Fact]
    public async Task KeepsBatchesApart_When_ALargeOneIsGivenUp()
    {
        var writer = new EventWriter(new EventSink(_hub));
        var raised = Raised(Enumerable.Range(0, EventWriter.EventsBesideMin));

        var bodies = new List<Task<byte[]>>();
        for (var batch = 0; batch < 20; batch++)
        {
            bodies.Add(writer.Begin(900, new Instant(0), batch % 2 == 0 ? raised : raised[..3]));
        }

        var large = await bodies[0];
        var small = await bodies[1];
        large.Length.ShouldBeGreaterThan(small.Length);
        for (var batch = 2; batch < 20; batch++)
        {
            (await bodies[batch]).ShouldBe(batch % 2 == 0 ? large : small);
        }
    }

    /// <summary>The hot path: beside the stored bytes themselves, a batch of 512 allocates next to nothing.</summary>
    [Fact]
    public void AllocatesLittle_When_ALaneWritesBatchAfterBatch()
    {
        var raised = Raised(Enumerable.Range(0, 512));
        var writer = new EventWriter(new EventSink(_hub));
        writer.Begin(1, new Instant(0), raised).IsCompleted.ShouldBeTrue();
        writer.Begin(2, new Instant(0), raised).IsCompleted.ShouldBeTrue();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var batch = 3; batch < 13; batch++)
        {
            writer.Begin(batch, new Instant(0), raised).IsCompleted.ShouldBeTrue();
        }

        var bytesOfEvent = (GC.GetAllocatedBytesForCurrentThread() - before) / (10.0 * 512);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytesOfEvent:F1} bytes an event"));
        bytesOfEvent.ShouldBeLessThan(100);
    }

    private static RaisedEvent[] Raised(IEnumerable<int> numbers) =>
        [.. numbers.Select(number => new RaisedEvent<long>(s_type, new EventSubject(new TenantId(3), number, 500 + number, new Instant(1_700_000_000_123_456)), number))];

    private static async Task<SqlScript> StoreAsync(EventWriter writer, long batchId, RaisedEvent[] raised)
    {
        var script = new SqlScript();
        writer.AddTo(script, new EventBatch(batchId, new Instant(0), raised.Length, await writer.Begin(batchId, new Instant(0), raised)));
        return script;
    }

    private static async Task<IReadOnlyList<EventRecord>> WriteAsync(IEnumerable<int> numbers)
    {
        var told = new TaskCompletionSource<IReadOnlyList<EventRecord>>();
        var hub = new EventHub(NullLogger<EventHub>.Instance);
        using var subscription = hub.Subscribe(told.SetResult);
        var writer = new EventWriter(new EventSink(hub));
        var raised = Raised(numbers);
        await StoreAsync(writer, 900, raised);
        writer.Tell(900, raised);
        return await told.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }
}
