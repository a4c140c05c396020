using Xunit;

namespace Laurel.ContractTests.Model;

/// <summary>
/// Every sentence of the default programme's arithmetic as a case with figures worked out by hand, to be run against any
/// <see cref="ILoyalty"/>.
/// </summary>
public static partial class GoldenCases
{
    public static IReadOnlyList<GoldenCase> All { get; } =
    [
        .. Earning,
        .. Caps,
        .. Levels,
        .. Validity,
        .. Credits,
        .. Refunds,
        .. RefundSpreads,
        .. TakingBack,
        .. Shortfalls,
        .. Spendings,
        .. Holds,
        .. HeldAcrossExpiry,
        .. Transfers,
        .. Refusals,
        .. AsOf,
        .. Waiting,
        .. LongerLives,
        .. ReturnsOfOrders,
        .. Inactivity,
    ];

    /// <summary>The names of <see cref="All"/>, for theories.</summary>
    public static TheoryData<string> Names => [.. All.Select(golden => golden.Name)];

    public static GoldenCase Named(string name) => All.Single(golden => golden.Name == name);
}
