using FsCheck;
using FsCheck.Fluent;
using Laurel.Kernel;
using Laurel.Ledger;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Ledger;

/// <summary>
/// Goal: the wallet does what a wallet kept on paper does, whatever happens in whatever order and however little of it
/// is loaded. Method: random steps on both, every figure compared and I2, I3, I8 and I11 asserted after each step.
/// </summary>
/// <remarks>A failure prints the steps, shrunk, and the seed: <c>Config.WithReplay</c> plays it again.</remarks>
public sealed class WalletAgainstPaperTests
{
    [Fact]
    [Trait("Pain", "7")]
    public void WalletAndPaperAgree_When_AnythingHappens()
    {
        var property = Prop.ForAll(Histories(), steps => new Comparison().Run(steps));

        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(1_500).WithEndSize(100), property);
    }

    [Fact]
    public void EverySituationIsMet_When_HistoriesAreDrawn()
    {
        var met = new HashSet<string>();
        var property = Prop.ForAll(Histories(), steps =>
        {
            var comparison = new Comparison();
            comparison.Run(steps);
            met.UnionWith(comparison.Met);
        });

        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(400).WithEndSize(100), property);

        met.ShouldBe(
            [
                "granted", "debt repaid", "withheld", "taken", "refused", "held", "captured", "released", "lapsed", "hold expired",
                "lapsed at the end of a hold", "taken back", "shortfall", "decided on a part",
            ],
            ignoreOrder: true);
    }

    private static Arbitrary<Step[]> Histories()
    {
        var step =
            from kind in Gen.Frequency((4, Gen.Constant(StepKind.Grant)), (4, Gen.Constant(StepKind.Take)), (3, Gen.Constant(StepKind.Hold)),
                (2, Gen.Constant(StepKind.Capture)), (2, Gen.Constant(StepKind.Release)), (2, Gen.Constant(StepKind.TakeBack)), (2, Gen.Constant(StepKind.EndBatch)))
            from points in Gen.Choose(1, 40)
            from days in Gen.Frequency((3, Gen.Choose(0, 1)), (1, Gen.Choose(-3, 12)))
            from life in Gen.Choose(0, 30)
            from pick in Gen.Choose(0, 9)
            select new Step(kind, points, days, life, pick);
        return Arb.From(step.ArrayOf(), Shrunk);
    }

    private static IEnumerable<Step[]> Shrunk(Step[] steps)
    {
        for (var length = steps.Length / 2; length > 0; length /= 2)
        {
            for (var start = 0; start + length <= steps.Length; start += length)
            {
                yield return [.. steps[..start], .. steps[(start + length)..]];
            }
        }
    }

    public enum StepKind
    {
        Grant,
        Take,
        Hold,
        Capture,
        Release,
        TakeBack,
        EndBatch,
    }

    /// <param name="Days">Days that pass before it; negative is business time told late.</param>
    /// <param name="Life">Days until what it makes ends; 30 is never.</param>
    /// <param name="Pick">Which hold or lot, and which policy.</param>
    public sealed record Step(StepKind Kind, int Points, int Days, int Life, int Pick);

    private sealed class Comparison
    {
        private static readonly Instant s_start = Instant.From(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

        private readonly NaiveWallet _paper = new();
        private readonly WalletStore _store = new();
        private Instant _now = s_start;
        private long _id;

        public HashSet<string> Met { get; } = [];

        public void Run(Step[] steps)
        {
            foreach (var step in steps)
            {
                _now = Instant.Max(_now, _now.Plus(TimeSpan.FromDays(step.Days)));
                var time = step.Days < 0 ? _now.Plus(TimeSpan.FromDays(step.Days)) : _now;
                if (step.Kind == StepKind.EndBatch)
                {
                    _store.EndBatch();
                }
                else
                {
                    Settle(time);
                    Do(step, time);
                }

                Compare();
            }
        }

        private void Do(Step step, Instant time)
        {
            switch (step.Kind)
            {
                case StepKind.Grant:
                    Grant(step, time);
                    break;
                case StepKind.Take:
                    Take(step, time);
                    break;
                case StepKind.Hold:
                    Hold(step, time);
                    break;
                case StepKind.Capture or StepKind.Release:
                    End(step, time);
                    break;
                case StepKind.TakeBack:
                    TakeBack(step, time);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(step), step.Kind, null);
            }
        }

        private void Settle(Instant time)
        {
            _store.LoadDue(time);
            var wallet = _store.Wallet.Copy();
            var changes = wallet.Settle(time);
            var expected = _paper.Settle(time);

            Same(
                changes.Select(change => (change.At, change.EndedHold?.Id, Points(change.Lapsed))),
                expected.Select(change => (change.At, change.Hold, Points(change.Lapsed))));
            changes.All(change => change.EndedHold is null or { Status: HoldStatus.Expired }).ShouldBeTrue();
            if (changes.Count > 0)
            {
                changes[^1].BalanceAfter.ShouldBe(_paper.Balance);
                Met.Add(changes.Any(change => change.EndedHold is null) ? "lapsed" : "hold expired");
                Note("hold expired", changes.Any(change => change.EndedHold is not null));
                Note("lapsed at the end of a hold", changes.Any(change => change.EndedHold is not null && change.Lapsed.Count > 0));
            }

            _store.Accept(wallet);
        }

        private void Grant(Step step, Instant time)
        {
            var position = new LotPosition(EndOf(step, time), step.Pick == 0 ? time.Plus(TimeSpan.FromDays(4)) : time, ++_id);
            var withheld = Math.Min(_paper.Receivable, step.Points / 2);
            var repaid = Math.Min(_paper.Debt, step.Points - withheld);
            Note("debt repaid", repaid > 0);
            Note("withheld", withheld > 0);
            var wallet = _store.Wallet.Copy();
            wallet.Grant(position, step.Points, withheld).ShouldBe(repaid);
            _paper.Grant(position, step.Points, withheld);
            _store.Accept(wallet);
            Met.Add("granted");
        }

        private void Take(Step step, Instant time)
        {
            if (!Covers(step.Points, time))
            {
                return;
            }

            var free = _paper.Lots.ToDictionary(lot => lot.Position.Id, lot => lot.Free);
            var wallet = _store.Wallet.Copy();
            var takes = wallet.Take(step.Points, time);

            Points(takes).ShouldBe(Points(_paper.Take(step.Points, time)));
            InOrder(takes, free, time);
            _store.Accept(wallet);
            Met.Add("taken");
        }

        private void Hold(Step step, Instant time)
        {
            // Every other hold pins the next lots whole: lots of which nothing is free are where a wallet may lose its place.
            var next = _paper.Lots.Where(lot => lot.IsLive(time) && lot.Free > 0).OrderBy(lot => lot.Position).Take(2).Sum(lot => lot.Free);
            var points = step.Pick % 2 == 0 && next > 0 ? (int)next : step.Points;
            if (!Covers(points, time))
            {
                return;
            }

            var free = _paper.Lots.ToDictionary(lot => lot.Position.Id, lot => lot.Free);
            var end = step.Life == 0 ? time.Plus(TimeSpan.FromHours(1)) : EndOf(step, time);
            var wallet = _store.Wallet.Copy();
            var hold = wallet.OpenHold(++_id, points, time, end);
            _paper.Open(_id, points, time, end);

            InOrder([.. hold.Pins.Select(pin => new LotTake(pin.Lot.Id, pin.Points))], free, time);
            _store.Accept(wallet);
            Met.Add("held");
        }

        private void End(Step step, Instant time)
        {
            var open = _paper.Holds.Where(hold => hold.Status == HoldStatus.Open).ToList();
            if (open.Count == 0)
            {
                return;
            }

            var paper = open[step.Pick % open.Count];
            var points = Math.Min(step.Points, paper.Pinned.Count);
            _store.LoadHold(paper.Id).Open.ShouldBe(paper.Pinned.Count);
            var wallet = _store.Wallet.Copy();
            Should.Throw<InvariantBrokenException>(() => _store.Wallet.Copy().Release(paper.Id, paper.Pinned.Count + 1, time));
            if (step.Kind == StepKind.Capture)
            {
                var (takes, end) = wallet.Capture(paper.Id, points, time);
                var (paperTakes, paperLapsed) = _paper.Capture(paper, points, time);
                Points(takes).ShouldBe(Points(paperTakes));
                Points(end.Lapsed).ShouldBe(Points(paperLapsed));
                Met.Add("captured");
            }
            else
            {
                Points(wallet.Release(paper.Id, points, time).Lapsed).ShouldBe(Points(_paper.Release(paper, points, time)));
                Met.Add("released");
            }

            _store.Accept(wallet);
            if (paper.Status != HoldStatus.Open)
            {
                // I11: what has ended ends no second time.
                Should.Throw<InvariantBrokenException>(() => _store.Wallet.Copy().Release(paper.Id, 1, time));
            }
        }

        private void TakeBack(Step step, Instant time)
        {
            if (_paper.Lots.Count == 0)
            {
                return;
            }

            var own = _paper.Lots.Where((_, index) => index % 4 == step.Pick % 4).Take(2).ToList();
            var ids = own.Select(lot => lot.Position.Id).ToList();
            var lapsed = step.Life % 2 == 0 ? own.Sum(lot => lot.Expired) : 0;
            var policy = (ShortfallPolicy)(step.Pick % 3);
            _store.LoadTakeBack(step.Points, ids, time);
            var wallet = _store.Wallet.Copy();
            var before = wallet.Balance;

            var taken = wallet.TakeBack(step.Points, ids, lapsed, time, policy);
            var expected = _paper.TakeBack(step.Points, own, lapsed, time, policy);

            taken.Lapsed.ShouldBe(expected.Lapsed);
            taken.Shortfall.ShouldBe(expected.Shortfall);
            Points(taken.Takes).ShouldBe(Points(expected.Takes));
            taken.Amount.ShouldBe(before - wallet.Balance);
            _store.Accept(wallet);
            Met.Add("taken back");
            Note("shortfall", taken.Shortfall > 0);
        }

        /// <summary>Whether the points are there. Asking changes nothing, and taking what is not there throws.</summary>
        private bool Covers(long points, Instant time)
        {
            var available = _store.LoadCover(time, points);
            Note("decided on a part", _store.Wallet.LoadedThrough is not null);
            var covered = available >= points;
            covered.ShouldBe(_paper.AvailableAt(time) >= points);
            if (!covered)
            {
                available.ShouldBe(_paper.AvailableAt(time));
                Met.Add("refused");
                if (_paper.Debt == 0)
                {
                    Should.Throw<InvariantBrokenException>(() => _store.Wallet.Copy().Take(points, time));
                    Should.Throw<InvariantBrokenException>(() => _store.Wallet.Copy().OpenHold(long.MaxValue, points, time, Instant.Never));
                }
            }

            return covered;
        }

        private void Compare()
        {
            var wallet = _store.Wallet;
            wallet.Balance.ShouldBe(_paper.Balance);
            wallet.Debt.ShouldBe(_paper.Debt);
            wallet.Receivable.ShouldBe(_paper.Receivable);
            wallet.Held.ShouldBe(_paper.Held);
            (wallet.NextChangeAt <= _paper.NextDue).ShouldBeTrue("What lapses next is never later than known.");

            var lots = _store.Lots();
            Same(
                lots.Select(lot => (lot.Id, lot.Granted, lot.Opening, lot.Remaining, lot.Held, lot.Expired)),
                _paper.Lots.OrderBy(lot => lot.Position).Select(lot => (lot.Position.Id, lot.Granted, lot.Opening, lot.Remaining, lot.Held, lot.Expired)));

            wallet.Balance.ShouldBe(lots.Sum(lot => lot.Remaining) - wallet.Debt, "I2");
            lots.All(lot => lot.Held >= 0 && lot.Held <= lot.Remaining && lot.Remaining <= lot.Opening && lot.Opening <= lot.Granted).ShouldBeTrue("I3");
            lots.All(lot => lot.Expired >= 0 && lot.Expired <= lot.Opening - lot.Remaining).ShouldBeTrue("I3");
            (wallet.Debt >= 0 && wallet.Held >= 0 && wallet.Receivable >= 0).ShouldBeTrue("I3");

            var holds = _store.Holds();
            Same(
                holds.Select(hold => (hold.Id, hold.Points, hold.Captured, hold.Released, hold.Status)),
                _paper.Holds.OrderBy(hold => hold.Id).Select(hold => (hold.Id, hold.Points, hold.Captured, hold.Released, hold.Status)));
            holds.All(hold => hold.Status == HoldStatus.Open || hold.Captured + hold.Released == hold.Points).ShouldBeTrue("I11");
            holds.Sum(hold => hold.Open).ShouldBe(wallet.Held, "I11");
            holds.SelectMany(hold => hold.Pins).Sum(pin => pin.Points).ShouldBe(wallet.Held, "I11");
        }

        /// <summary>I8: what was taken was live, and nothing live that comes earlier was left over.</summary>
        private void InOrder(List<LotTake> takes, Dictionary<long, long> freeBefore, Instant time)
        {
            var positions = _paper.Lots.ToDictionary(lot => lot.Position.Id, lot => lot);
            var taken = takes.ToDictionary(take => take.LotId, take => take.Points);
            takes.All(take => positions[take.LotId].IsLive(time)).ShouldBeTrue("I8");
            var last = takes.Max(take => positions[take.LotId].Position);
            _paper.Lots.Where(lot => lot.IsLive(time) && lot.Position < last)
                .All(lot => freeBefore[lot.Position.Id] == taken.GetValueOrDefault(lot.Position.Id))
                .ShouldBeTrue("I8");
        }

        private static Instant EndOf(Step step, Instant time) => step.Life == 30 ? Instant.Never : time.Plus(TimeSpan.FromDays(step.Life));

        /// <summary>Compares in one pass; the words are looked for only where there is a difference.</summary>
        private static void Same<T>(IEnumerable<T> found, IEnumerable<T> expected)
        {
            var (all, wanted) = (found.ToList(), expected.ToList());
            if (!all.SequenceEqual(wanted))
            {
                all.ShouldBe(wanted);
            }
        }

        /// <summary>Takes by lot, whatever their order and grouping.</summary>
        private static string Points(IEnumerable<LotTake> takes) =>
            string.Join(' ', takes.GroupBy(take => take.LotId).OrderBy(group => group.Key).Select(group => $"{group.Key}:{group.Sum(take => take.Points)}"));

        private void Note(string situation, bool met)
        {
            if (met)
            {
                Met.Add(situation);
            }
        }
    }
}
