using System.Globalization;

namespace Laurel.ContractTests.Cards;

/// <summary>A card as one would keep it on paper: which months were paid for since it began, and which were given back. Knows nothing of the
/// product.</summary>
/// <param name="months">Of one period.</param>
internal sealed class NaiveCard(int months)
{
    private sealed record Purchase(string Reference, int Months, int Run)
    {
        public bool IsRefunded { get; set; }

        public bool IsTakenBack { get; set; }
    }

    private readonly List<Purchase> _purchases = [];
    private DateTime _start;
    private DateTime _end;
    private int _run;

    public IReadOnlyList<string> References => [.. _purchases.Select(purchase => purchase.Reference)];

    public string Text => _run == 0 ? "none" : $"{Write(_start)} {Write(_end)}";

    public bool IsHeld(DateOnly day) => _run > 0 && Midnight(day) < _end;

    public void Buy(string reference, int periods, DateOnly day)
    {
        if (!IsHeld(day))
        {
            (_run, _start) = (_run + 1, Midnight(day));
        }

        _purchases.Add(new Purchase(reference, months * periods, _run));
        _end = EndOfPaid();
    }

    /// <summary>False where it was refunded before.</summary>
    public bool Refund(string reference, DateOnly day)
    {
        var purchase = _purchases.Single(one => one.Reference == reference);
        if (purchase.IsRefunded)
        {
            return false;
        }

        purchase.IsRefunded = true;
        if (purchase.Run == _run && IsHeld(day))
        {
            purchase.IsTakenBack = true;
            var end = _purchases.Exists(one => one.Run == _run && !one.IsTakenBack) ? EndOfPaid() : _start;
            _end = end > Midnight(day) ? end : Midnight(day);
        }

        return true;
    }

    private DateTime EndOfPaid() => _start.AddMonths(_purchases.Where(one => one.Run == _run && !one.IsTakenBack).Sum(one => one.Months)).AddDays(1);

    private static DateTime Midnight(DateOnly day) => day.ToDateTime(TimeOnly.MinValue);

    private static string Write(DateTime time) => time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
