using Laurel.Kernel;

namespace Laurel.Server.Imports;

/// <summary>An order of the file: 32 bytes and its id.</summary>
/// <param name="Time">Business time.</param>
/// <param name="Amount">Minor units.</param>
/// <param name="Customer">Place in <see cref="OrderHistory.Customers"/>.</param>
/// <param name="Line">The line of the file on which the row begins.</param>
internal readonly record struct OrderRow(Instant Time, long Amount, string OrderId, int Customer, int Line);

/// <summary>The good rows of a file, in memory because history is loaded in order of time, whatever the file's order.</summary>
/// <remarks>About 150 bytes a row and 150 a customer while it is read.</remarks>
internal sealed class OrderHistory
{
    private readonly Dictionary<string, int> _places = [];
    private readonly List<string> _customers = [];
    private readonly List<OrderRow> _orders = [];
    private Dictionary<string, int> _byId = [];

    /// <summary>External ids, in order of first appearance.</summary>
    public IReadOnlyList<string> Customers => _customers;

    public IReadOnlyList<OrderRow> Orders => _orders;

    /// <summary>Rows of the file, its header not counted.</summary>
    public long Rows { get; set; }

    /// <summary>Rows that repeat an earlier one of the same file.</summary>
    public long Repeats { get; private set; }

    /// <summary>Adds a row, or counts it as a repeat of an earlier one.</summary>
    /// <returns>Null when it was taken or repeated; otherwise the line of the earlier row that says something else.</returns>
    public int? Add(string orderId, string customerId, Instant time, long amount, int line)
    {
        if (_byId.TryGetValue(orderId, out var earlier))
        {
            var known = _orders[earlier];
            if (known.Time != time || known.Amount != amount || _customers[known.Customer] != customerId)
            {
                return known.Line;
            }

            Repeats++;
            return null;
        }

        if (!_places.TryGetValue(customerId, out var customer))
        {
            customer = _customers.Count;
            _customers.Add(customerId);
            _places.Add(customerId, customer);
        }

        _byId.Add(orderId, _orders.Count);
        _orders.Add(new OrderRow(time, amount, orderId, customer, line));
        return null;
    }

    /// <summary>Puts the rows in order of time, rows of one instant in the order of the file. No row is added afterwards.</summary>
    public void Sort()
    {
        _byId = [];
        _places.Clear();
        _places.TrimExcess();
        _orders.Sort(static (a, b) => a.Time != b.Time ? a.Time.CompareTo(b.Time) : a.Line.CompareTo(b.Line));
    }
}
