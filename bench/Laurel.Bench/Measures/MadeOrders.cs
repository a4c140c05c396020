using System.Globalization;

namespace Laurel.Bench.Measures;

/// <summary>A file of orders for <c>laurel import orders</c>: one for each of any number of customers.</summary>
internal static class MadeOrders
{
    /// <summary>The columns, as <c>--map</c> names them.</summary>
    public const string Map = "order=order_id,customer=customer_id,date=date,amount=amount";

    public static void Write(string file, int customers) => File.WriteAllLines(file, Enumerable.Range(0, customers)
        .Select(static number => string.Create(CultureInfo.InvariantCulture, $"o{number},c{number:D8},2026-01-01,{1 + (number % 500)}.00"))
        .Prepend("order_id,customer_id,date,amount"));
}
