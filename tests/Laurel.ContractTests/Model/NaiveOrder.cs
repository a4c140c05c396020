namespace Laurel.ContractTests.Model;

/// <summary>
/// An order as the naive model remembers it: what each line earned and what refunds have taken of it.
/// </summary>
internal sealed class NaiveOrder
{
    private readonly List<Line> lines;

    public NaiveOrder(NaiveMember owner, Operation.Order operation, long points, long growth, long bonus)
    {
        Owner = owner;
        Amount = operation.Amount;
        Bonus = bonus;
        lines = LinesOf(operation);
        var weights = lines.Select(line => line.Eligible).ToList();
        var pointShares = NaiveArithmetic.LargestRemainder(points, weights);
        var growthShares = NaiveArithmetic.LargestRemainder(growth, weights);
        for (var index = 0; index < lines.Count; index++)
        {
            lines[index].Points = pointShares[index];
            lines[index].Growth = growthShares[index];
        }
    }

    public NaiveMember Owner { get; }

    public long Amount { get; }

    public long Bonus { get; }

    /// <summary>The lots this order made: order points, then bonus.</summary>
    public List<NaiveLot> Lots { get; } = [];

    /// <summary>How much of the lots' expired points refunds have already counted as taken back.</summary>
    public long ExpiredCounted { get; set; }

    /// <summary>In the order in which they were asked for.</summary>
    public List<NaiveReturn> Returns { get; } = [];

    /// <summary>Points that refunds may yet take back.</summary>
    public long PointsLeft => lines.Sum(line => line.Points - line.PointsTaken) + (IsRefundedWhole ? 0 : Bonus);

    public long Unrefunded => lines.Sum(line => line.Amount - line.Refunded);

    public bool IsRefundedWhole => Unrefunded == 0;

    /// <summary>The named lines and what can still be refunded of each.</summary>
    public IReadOnlyList<RefundLine> UnrefundedLines =>
        [
            .. lines
                .Where(line => line.Id is not null)
                .Select(line => new RefundLine(line.Id!, line.Amount - line.Refunded)),
        ];

    /// <summary>Σ eligible: a line's eligible part is its amount unless said otherwise.</summary>
    public static long EligibleOf(Operation.Order operation) =>
        operation.Lines?.Sum(line => line.Eligible ?? line.Amount) ?? operation.Amount;

    /// <summary>The refusal of a refund that does not fit this order, or null.</summary>
    public Outcome.Refused? RefusalOf(Operation.Refund refund)
    {
        if (refund.Lines is null)
        {
            return refund.Amount > Unrefunded ? new Outcome.Refused(Codes.RefundExceedsOrder, null, null) : null;
        }

        if (refund.Lines.Any(asked => lines.TrueForAll(line => line.Id != asked.LineId)))
        {
            return new Outcome.Refused(Codes.OrderLineNotFound, null, null);
        }

        var exceeds = lines.Exists(line => AskedOf(line, refund.Lines) > line.Amount - line.Refunded);
        return exceeds ? new Outcome.Refused(Codes.RefundExceedsOrder, null, null) : null;
    }

    /// <summary>Points and bonus that a refund which fits would take back.</summary>
    public long PointsOf(Operation.Refund refund)
    {
        var parts = PartsOf(refund);
        var points = lines.Select((line, index) => NaiveArithmetic.TakenBackTarget(line.Points, line.Refunded + parts[index], line.Amount) - line.PointsTaken).Sum();
        return points + (!IsRefundedWhole && parts.Sum() == Unrefunded ? Bonus : 0);
    }

    /// <summary>Books a refund that fits, and says by how much order points, growth and bonus must fall now.</summary>
    public (long Amount, long Points, long Growth, long Bonus) Refund(Operation.Refund refund)
    {
        var parts = PartsOf(refund);
        long points = 0;
        long growth = 0;
        for (var index = 0; index < lines.Count; index++)
        {
            var line = lines[index];
            line.Refunded += parts[index];
            var pointsTarget = NaiveArithmetic.TakenBackTarget(line.Points, line.Refunded, line.Amount);
            var growthTarget = NaiveArithmetic.TakenBackTarget(line.Growth, line.Refunded, line.Amount);
            points += pointsTarget - line.PointsTaken;
            growth += growthTarget - line.GrowthTaken;
            line.PointsTaken = pointsTarget;
            line.GrowthTaken = growthTarget;
        }

        // An order is refunded whole at most once, because nothing is left to refund after it.
        return (parts.Sum(), points, growth, IsRefundedWhole ? Bonus : 0);
    }

    private long[] PartsOf(Operation.Refund refund) => refund.Lines is { } asked
        ? [.. lines.Select(line => AskedOf(line, asked))]
        : NaiveArithmetic.LargestRemainder(refund.Amount!.Value, [.. lines.Select(line => line.Amount - line.Refunded)]);

    private static long AskedOf(Line line, IReadOnlyList<RefundLine> asked) =>
        asked.Where(part => part.LineId == line.Id).Sum(part => part.Amount);

    private static List<Line> LinesOf(Operation.Order operation)
    {
        if (operation.Lines is not { } given)
        {
            return [new Line { Id = null, Amount = operation.Amount, Eligible = operation.Amount }];
        }

        List<Line> made =
        [
            .. given.Select(line => new Line
            {
                Id = line.LineId,
                Amount = line.Amount,
                Eligible = line.Eligible ?? line.Amount,
            }),
        ];
        var rest = operation.Amount - given.Sum(line => line.Amount);
        if (rest > 0)
        {
            made.Add(new Line { Id = null, Amount = rest, Eligible = 0 });
        }

        return made;
    }

    private sealed class Line
    {
        public required string? Id { get; init; }

        public required long Amount { get; init; }

        public required long Eligible { get; init; }

        public long Points { get; set; }

        public long Growth { get; set; }

        public long Refunded { get; set; }

        public long PointsTaken { get; set; }

        public long GrowthTaken { get; set; }
    }
}
