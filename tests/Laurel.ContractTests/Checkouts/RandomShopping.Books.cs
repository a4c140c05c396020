using Laurel.Kernel;

namespace Laurel.ContractTests.Checkouts;

/// <content>The books that are kept by hand.</content>
internal sealed partial class RandomShopping
{
    private sealed class Shopper(MemberId id)
    {
        public MemberId Id => id;

        public long Points { get; set; } = FirstPoints;

        public long Held { get; set; }

        public List<Ticket> Tickets { get; } = [];

        public Dictionary<DateOnly, long> Earned { get; } = [];
    }

    private sealed class Ticket(long id)
    {
        public long Id => id;

        public string State { get; set; } = "claimed";
    }

    private sealed class Bought(Shopper who, long money, long points, Ticket? ticket, DateTimeOffset until)
    {
        public Shopper Who => who;

        public long Money => money;

        public long Points => points;

        public Ticket? Ticket => ticket;

        /// <summary>The business day of the use of the tenth that it took; null where it took none, or gave it back.</summary>
        public DateOnly? Tenth { get; set; }

        public DateTimeOffset Until => until;

        public string State { get; set; } = "reserved";

        /// <summary>Of what was given, money and points, so much went back.</summary>
        public long Gone { get; set; }

        public long MoneyBack(long gone) => gone - PointsBack(gone);

        public long PointsBack(long gone) => money + points == 0 ? 0 : Share(points, gone, money + points);

        /// <summary>What the order came to and earned when it was completed; null before.</summary>
        public (long Amount, long MoneyBack, long Earned)? Order { get; set; }

        public long Taken(long gone) => Order is { } order && order.Amount > 0 ? Share(order.Earned, MoneyBack(gone) - order.MoneyBack, order.Amount) : 0;

        private static long Share(long whole, long part, long of) => (long)Math.Round((decimal)whole * part / of, MidpointRounding.AwayFromZero);
    }
}
