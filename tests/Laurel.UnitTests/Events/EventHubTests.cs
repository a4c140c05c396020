using Laurel.Engine.Events;
using Laurel.Kernel;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Events;

/// <summary>Subscribers inside the process: told in order, and none of them troubles the lane or another.</summary>
public sealed class EventHubTests
{
    private readonly EventHub _hub = new(NullLogger<EventHub>.Instance);

    [Fact]
    public async Task TellsEveryBatchInOrder_When_AnotherSubscriberThrowsAndAThirdHangs()
    {
        using var hang = new ManualResetEventSlim();
        var told = new List<string>();
        var all = new TaskCompletionSource();
        using var throwing = _hub.Subscribe(_ => throw new InvalidOperationException("a fault of the subscriber"));
        using var hanging = _hub.Subscribe(_ => hang.Wait(TestContext.Current.CancellationToken));
        using var good = _hub.Subscribe(events =>
        {
            told.AddRange(events.Select(e => e.Id));
            if (told.Count == 500)
            {
                all.SetResult();
            }
        });

        for (var i = 0; i < 500; i++)
        {
            _hub.Tell([RecordOf(i)]);
        }

        await all.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        told.ShouldBe(Enumerable.Range(0, 500).Select(i => $"1-{i}"));
        hang.Set();
    }

    [Fact]
    public void NeverWaits_When_ASubscriberHangs()
    {
        using var hang = new ManualResetEventSlim();
        using var hanging = _hub.Subscribe(_ => hang.Wait(TestContext.Current.CancellationToken));

        for (var i = 0; i < 3 * EventHub.WaitingMax; i++)
        {
            _hub.Tell([RecordOf(i)]);
        }

        hang.Set();
    }

    [Fact]
    public void HasNoSubscribers_When_TheLastOneLeft()
    {
        var subscription = _hub.Subscribe(_ => { });
        _hub.HasSubscribers.ShouldBeTrue();

        subscription.Dispose();

        _hub.HasSubscribers.ShouldBeFalse();
    }

    private static EventRecord RecordOf(int number) => new(new TenantId(1), $"1-{number}", "points.earned", 1, "{}"u8.ToArray());
}
