using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;

namespace Laurel.ServerTests.Backups;

/// <summary>A small history through the doors, and what can be told of it afterwards from outside.</summary>
internal static class Shop
{
    public const string Key = "pay-for-the-mug";

    private static readonly object s_spend = new { externalId = "ann", points = 30, reason = "Mug", referenceType = "exchange", referenceId = "x-1" };

    /// <summary>Members with a phone, orders, a refund, a hold, a transfer and a spend under an idempotency key.</summary>
    /// <returns>The answer of the spend.</returns>
    public static async Task<Answer> OpenAsync(LaurelServer server)
    {
        var ann = (await server.PostAsync("/api/members", new { externalId = "ann", phone = "13800138000" })).TextOf("id")!;
        var bob = await server.NewMemberAsync("bob", 500);
        await server.CompleteOrderAsync(ann, "o-1", 129_900);
        await server.CompleteOrderAsync(bob, "o-2", 50_000);
        await server.RefundAsync("o-1", "r-1", 29_900);
        await server.HoldAsync(bob, 40, "h-1");
        await server.TransferAsync(bob, ann, 60, "t-1");
        var spent = await SpendAsync(server);
        spent.Outcome.ShouldBe("200");
        return spent;
    }

    public static Task<Answer> SpendAsync(LaurelServer server) => server.PostUnderAsync(Key, "/api/points/spend", s_spend);

    /// <summary>Balances and journal as the exports write them.</summary>
    public static async Task<string> ExportAsync(LaurelSite site, DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        var members = await site.RunVerbAsync(cancellationToken, "export", "members", "-", "--as-of", $"{asOf:yyyy-MM-dd'T'HH:mm:ss'Z'}");
        var journal = await site.RunVerbAsync(cancellationToken, "export", "journal");
        members.ExitCode.ShouldBe(0, members.Errors);
        journal.ExitCode.ShouldBe(0, journal.Errors);
        return members.Output + journal.Output;
    }

    /// <summary>Takes a backup into a file of the site's own folder.</summary>
    public static async Task<string> BackUpAsync(LaurelSite site, CancellationToken cancellationToken, params IReadOnlyList<string> options)
    {
        var file = Path.Combine(site.DataFolder, "backup.tar.gz");
        var outcome = await site.RunVerbAsync(cancellationToken, ["backup", file, .. options]);
        outcome.ExitCode.ShouldBe(0, outcome.Output + outcome.Errors);
        return file;
    }
}
