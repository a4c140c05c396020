using Laurel.Kernel;
using Laurel.Platform.Webhooks;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Webhooks;

/// <summary>How much one endpoint is asked to take at a time, and when it is left alone.</summary>
public sealed class EndpointQueueTests
{
    private static readonly Instant s_start = new(0);
    private static readonly TimeSpan s_failingAfter = TimeSpan.FromDays(5);
    private static readonly AttemptResult s_success = new(204, null, null, TimeSpan.FromMilliseconds(5), null);
    private static readonly AttemptResult s_failure = new(500, null, "no", TimeSpan.FromMilliseconds(5), null);

    [Fact]
    public void TakesFourAtATime_When_ItSucceeds()
    {
        var queue = Filled(10);

        Started(queue, s_start).ShouldBe(4);
    }

    [Fact]
    public void TakesOneAtATime_When_ItFails()
    {
        var queue = Filled(10);
        queue.Start();
        queue.Ended(s_failure, s_start, s_failingAfter);

        Started(queue, s_start).ShouldBe(1);
    }

    [Fact]
    public void TakesFourAgain_When_ItSucceedsOnce()
    {
        var queue = Filled(10);
        queue.Start();
        queue.Ended(s_failure, s_start, s_failingAfter);
        queue.Start();
        queue.Ended(s_success, s_start, s_failingAfter);

        Started(queue, s_start).ShouldBe(4);
    }

    [Fact]
    public void IsLeftAloneLongerAndLonger_When_ItFailsAgainAndAgain()
    {
        var queue = Filled(40);
        var now = s_start;
        var pauses = new List<int>();
        for (var failure = 0; failure < 14; failure++)
        {
            queue.Start();
            queue.Ended(s_failure, now, s_failingAfter);
            var pause = 0;
            while (!queue.CanStart(now.Plus(TimeSpan.FromSeconds(pause))))
            {
                pause++;
            }

            pauses.Add(pause);
            now = now.Plus(TimeSpan.FromSeconds(pause));
        }

        pauses.ShouldBe([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    }

    [Theory]
    [InlineData(429, null, 5)]
    [InlineData(503, 30, 30)]
    [InlineData(503, 999_999, 3_600)]
    public void IsLeftAlone_When_ItSaysThatItHasTooMuchToDo(int status, int? askedSeconds, int pauseSeconds)
    {
        var queue = Filled(4);
        queue.Start();
        TimeSpan? asked = askedSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        queue.Ended(new AttemptResult(status, null, null, TimeSpan.Zero, asked), s_start, s_failingAfter);

        queue.CanStart(s_start.Plus(TimeSpan.FromSeconds(pauseSeconds - 1))).ShouldBeFalse();
        queue.CanStart(s_start.Plus(TimeSpan.FromSeconds(pauseSeconds))).ShouldBeTrue();
    }

    [Fact]
    public void IsToldOnceEach_When_ItBeginsAndCeasesToFail()
    {
        var queue = Filled(10);
        EndpointNews? End(AttemptResult result, int day)
        {
            queue.Start();
            return queue.Ended(result, s_start.Plus(TimeSpan.FromDays(day)), s_failingAfter);
        }

        End(s_success, 0).ShouldBeNull();
        End(s_failure, 1)!.FailingSince.ShouldBe(s_start.Plus(TimeSpan.FromDays(1)));
        End(s_failure, 2).ShouldBeNull();
        var recovered = End(s_success, 3)!;
        (recovered.FailingSince, recovered.DisabledReason).ShouldBe((null, null));
        End(s_success, 4).ShouldBeNull();
    }

    [Fact]
    public void IsSwitchedOff_When_NothingSucceededForDays()
    {
        var queue = Filled(10);
        queue.Resume(failingSince: s_start);
        queue.Start();
        queue.Ended(s_failure, s_start.Plus(TimeSpan.FromDays(4.9)), s_failingAfter).ShouldBeNull();
        queue.Start();
        queue.Ended(s_failure, s_start.Plus(s_failingAfter), s_failingAfter)!.DisabledReason.ShouldBe("failing");
    }

    [Fact]
    public void IsSwitchedOffAtOnce_When_ItIsGone()
    {
        var queue = Filled(1);
        queue.Start();

        queue.Ended(new AttemptResult(410, null, null, TimeSpan.Zero, null), s_start, s_failingAfter)!.DisabledReason.ShouldBe("gone");
    }

    [Fact]
    public void TakesADueRowOnce_When_ItIsReadAgainBeforeItsOutcomeIsStored()
    {
        var queue = Filled(3);
        queue.Start();
        queue.Ended(s_success, s_start, s_failingAfter);

        queue.Add(Due(3), limit: 100);
        Started(queue, s_start).ShouldBe(2);

        queue.Stored(new EventPlace(0, 0));
        queue.Add([.. Due(1)], limit: 100);
        Started(queue, s_start).ShouldBe(1);
    }

    [Fact]
    public void ReadsNoMoreThanAPage_When_MoreIsDue()
    {
        var queue = Filled(0);
        queue.Add(Due(500), limit: 500);
        queue.ReadLimit.ShouldBe(2 * EndpointQueue.HeadsMax);
        queue.MayHaveMore.ShouldBeTrue();
        queue.WantsMore(s_start).ShouldBeFalse();
    }

    private static EndpointQueue Filled(int count)
    {
        var queue = new EndpointQueue(new TenantId(1), 9) { Target = new WebhookTarget(new Uri("https://shop.example/"), []) };
        queue.Add(Due(count), limit: 1_000);
        return queue;
    }

    private static List<DueDelivery> Due(int count) => [.. Enumerable.Range(0, count).Select(i => new DueDelivery(new EventPlace(0, i), 0))];

    private static int Started(EndpointQueue queue, Instant now)
    {
        var started = 0;
        while (queue.CanStart(now))
        {
            queue.Start();
            started++;
        }

        return started;
    }
}
