using Laurel.Kernel;
using Laurel.Platform.Webhooks;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Webhooks;

/// <summary>When a webhook that failed is tried again: the table of Standard Webhooks 1.0.0, on a clock that only a test moves.</summary>
public sealed class RetryScheduleTests
{
    private static readonly DueDelivery s_first = new(new EventPlace(7, 0), 0);

    private static AttemptResult Answered(int status, TimeSpan? retryAfter = null) => new(status, null, null, TimeSpan.FromMilliseconds(3), retryAfter);

    [Fact]
    public void IsTheTableOfTheSpecification_When_EveryAttemptFails()
    {
        string[] sinceStart = ["00:00:00", "00:00:05", "00:05:05", "00:35:05", "02:35:05", "07:35:05", "17:35:05", "1.07:35:05", "2.03:35:05", "3.03:35:05"];
        var start = new Instant(0);
        var (now, delivery) = (start, s_first);
        var attempts = new List<string>();
        for (var state = DeliveryState.Waiting; state == DeliveryState.Waiting;)
        {
            attempts.Add(TimeSpan.FromMicroseconds(now.UnixMicroseconds - start.UnixMicroseconds).ToString("c"));
            var move = DispatcherRun.MoveOf(1, delivery, Answered(500), now, chance: 0);
            state = move.State;
            now = move.NextAttemptAt ?? now;
            delivery = delivery with { Attempts = delivery.Attempts + 1 };
        }

        attempts.ShouldBe(sinceStart);
        delivery.Attempts.ShouldBe(RetrySchedule.AttemptsMax);
    }

    [Theory]
    [InlineData(200, DeliveryStateWord.Delivered)]
    [InlineData(204, DeliveryStateWord.Delivered)]
    [InlineData(299, DeliveryStateWord.Delivered)]
    [InlineData(301, DeliveryStateWord.Waiting)]
    [InlineData(302, DeliveryStateWord.Waiting)]
    [InlineData(304, DeliveryStateWord.Waiting)]
    [InlineData(400, DeliveryStateWord.Waiting)]
    [InlineData(404, DeliveryStateWord.Waiting)]
    [InlineData(410, DeliveryStateWord.Failed)]
    [InlineData(429, DeliveryStateWord.Waiting)]
    [InlineData(500, DeliveryStateWord.Waiting)]
    [InlineData(503, DeliveryStateWord.Waiting)]
    public void FollowsTheStatus_When_AReceiverAnswers(int status, DeliveryStateWord state) =>
        DispatcherRun.MoveOf(1, s_first, Answered(status), new Instant(0), chance: 0).State.ToString().ShouldBe(state.ToString());

    [Fact]
    public void GivesUpAtOnce_When_TheEventIsNoLongerKept() =>
        DispatcherRun.MoveOf(1, s_first, AttemptResult.EventNotKept, new Instant(0), chance: 0).State.ShouldBe(DeliveryState.Failed);

    [Theory]
    [InlineData(429, 60, 60)]
    [InlineData(503, 60, 60)]
    [InlineData(503, 2, 5)] // never sooner than the schedule
    [InlineData(503, 864_000, 86_400)] // never later than a day
    [InlineData(500, 60, 5)] // only those who say that they have too much to do
    public void HonoursRetryAfter_When_TheReceiverIsOverloaded(int status, int askedSeconds, int waitSeconds)
    {
        var move = DispatcherRun.MoveOf(1, s_first, Answered(status, TimeSpan.FromSeconds(askedSeconds)), new Instant(0), chance: 0);

        move.NextAttemptAt.ShouldBe(new Instant(waitSeconds * 1_000_000L));
    }

    [Fact]
    public void IsSpreadByAFifthAtTheMost_When_ChanceIsTaken()
    {
        RetrySchedule.DelayAfter(2, 0, null).ShouldBe(TimeSpan.FromMinutes(5));
        RetrySchedule.DelayAfter(2, 0.5, null).ShouldBe(TimeSpan.FromMinutes(5.5));
        RetrySchedule.DelayAfter(2, 1, null).ShouldBe(TimeSpan.FromMinutes(6));
    }

    /// <summary>The states by name, for a public test.</summary>
    public enum DeliveryStateWord
    {
        Waiting,
        Delivered,
        Failed,
    }
}
