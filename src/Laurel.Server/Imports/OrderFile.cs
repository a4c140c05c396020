using System.Text;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;

namespace Laurel.Server.Imports;

/// <summary>Reads a file of orders: good rows into a history, bad rows into the report.</summary>
internal sealed class OrderFile : ImportFile
{
    private const int Order = 0;
    private const int Customer = 1;
    private const int Date = 2;
    private const int Amount = 3;

    private readonly ColumnMap _map;
    private readonly OrderHistory _history = new();
    private Currency _currency = null!;
    private BusinessTimes _times = null!;

    private OrderFile(FileStream stream, Encoding encoding, ColumnMap map)
        : base(stream, encoding, [map.Order, map.Customer, map.Date, map.Amount]) => _map = map;

    /// <summary>Opens the file and finds its columns.</summary>
    /// <returns>The file, or the sentence that says why it cannot be used.</returns>
    public static (OrderFile? File, string? Mistake) Open(string path, Encoding encoding, ColumnMap map) =>
        Open(path, stream => new OrderFile(stream, encoding, map));

    /// <summary>Reads all rows.</summary>
    /// <param name="progress">Told the bytes read so far.</param>
    public OrderHistory Read(Currency currency, BusinessTimes times, ErrorReport report, IProgress<long> progress, CancellationToken cancellationToken)
    {
        (_currency, _times) = (currency, times);
        ReadRows(report, progress, cancellationToken);
        _history.Rows = Rows;
        _history.Sort();
        return _history;
    }

    protected override void ReadRow(ErrorReport report)
    {
        var (date, money) = (TextOf(Date), TextOf(Amount));
        var order = ReadId(TextOf(Order), OrderLimits.IdLengthMax);
        var customer = ReadId(TextOf(Customer), RegisterMemberBody.ExternalIdLengthMax);
        var time = Decoded(date) ? _times.Read(date) : NotDecoded<Instant>();
        var amount = Decoded(money) ? _currency.ReadAmount(money) : NotDecoded<long>();
        var isGood = Accept(report, Order, order)
            & Accept(report, Customer, customer)
            & Accept(report, Date, time)
            & Accept(report, Amount, amount);
        if (isGood && _history.Add(order.Value, customer.Value, time.Value, amount.Value, Line) is { } earlier)
        {
            var message = $"The order stands in row {earlier} with another content.";
            report.Write(new RowError(Line, _map.Order, ErrorCode.Conflict, message, order.Value));
        }
    }
}
