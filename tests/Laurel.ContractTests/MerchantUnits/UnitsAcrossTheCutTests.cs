using System.Globalization;
using Laurel.ContractTests.Finance;
using Laurel.ContractTests.Openings;
using Laurel.ContractTests.Product;
using Laurel.Kernel;
using Laurel.Membership.Exports;
using Laurel.Membership.Members;
using Laurel.Membership.Openings;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Units;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.MerchantUnits;

/// <summary>Units whose entries are cut off: opening balances stand for them, in the books and in the journal.</summary>
public sealed class UnitsAcrossTheCutTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static readonly TenantId s_tenant = LaurelNode.DefaultTenant;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task GoOn_When_OldEntriesAreDetached(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "units");
        var history = new LongHistory(database);
        database.At("2023-07-01");
        await history.AppliedAsync(new ChangeProgramme(
            s_tenant,
            programme => new ProgrammeEdit.To(programme with { Units = [UnitDesk.Stars, UnitDesk.Energy], Rules = [.. programme.Rules, UnitDesk.StarsForOrders] }),
            database.Books.Programmes)
        {
            ChangedBy = "test",
        });
        await history.AppliedAsync(history.Register("anna", "2023-07-01"));
        await history.NowAsync("2023-08-01", day => history.Order("anna", "U-1", 60_000, day));
        await history.NowAsync("2023-08-02", _ => Move(database, UnitMove.Earn, "green_energy", 9));
        await history.NowAsync("2023-08-03", _ => Move(database, UnitMove.Spend, "stars", 50));
        await history.NowAsync("2023-09-01", day => history.Refund("U-1", "r-1", 20_000, day));
        (await database.VerifyAsync()).ShouldBeSound();
        await JournalAsync(database, "\"green_energy\" = 9 \"green_energy\"", "\"stars\" = 350 \"stars\"");

        // A closed day knows each unit that moved, and what it closed with goes on to be the wallets.
        (await database.CloseAsync("2023-08-10")).ShouldBeGreaterThan(0);
        (await database.ScalarAsync("SELECT closing FROM finance_closings WHERE unit = 'stars' AND day = 20230803")).ShouldBe(550);
        (await database.VerifyAsync()).ShouldBeSound();
        await database.ExecuteAsync("UPDATE member_units SET amount = amount + 1 WHERE unit = 'green_energy'");
        (await database.VerifyAsync()).Invariants.Single(invariant => invariant.Code == InvariantCode.I16).Failed.ShouldBe(1);
        await database.ExecuteAsync("UPDATE member_units SET amount = amount - 1 WHERE unit = 'green_energy'");

        (await database.DetachAsync("2024-01")).ShouldBeOfType<DetachOutcome.Detached>();
        (await database.VerifyAsync()).ShouldBeSound();
        await JournalAsync(database, "9 \"green_energy\" = 9 \"green_energy\"", "350 \"stars\" = 350 \"stars\"");

        await history.NowAsync("2024-02-01", day => history.Refund("U-1", "r-2", 40_000, day));
        await history.NowAsync("2024-02-02", day => history.Order("anna", "U-2", 1_000, day));
        (await database.ScalarAsync("SELECT amount FROM member_units WHERE unit = 'stars'")).ShouldBe(10);
        (await database.VerifyAsync()).ShouldBeSound();
        await JournalAsync(database, "9 \"green_energy\" = 9 \"green_energy\"", "0 \"stars\" = 10 \"stars\"");

        await AsOfAsync(database, "2024-02-01", stars: 0);
        await AsOfAsync(database, "2023-12-31", stars: 350);
        (await MembersAsync(database, "2024-03-01")).ShouldBe((",stars,green_energy", ",10,9"));
        (await MembersAsync(database, "2024-02-01")).ShouldBe((",stars,green_energy", ",0,9"));
        (await database.DetachAsync("2024-05")).ShouldBeOfType<DetachOutcome.Detached>();
        (await database.VerifyAsync()).ShouldBeSound();
    }

    private static async Task JournalAsync(DetachableDatabase database, params string[] assertions)
    {
        var file = Path.GetTempFileName();
        await using (var writer = new StreamWriter(file))
        {
            await new Journal(database.Database, database.Books.Programmes).WriteAsync(s_tenant, writer, null, TestContext.Current.CancellationToken);
        }

        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        foreach (var assertion in assertions)
        {
            text.ShouldContain(assertion);
        }

        if (Hledger.IsHere)
        {
            (await Hledger.RunAsync("-f", file, "check", "--strict")).ShouldBeEmpty();
        }

        File.Delete(file);
    }

    /// <summary>What the lines of the header and of the only member end with.</summary>
    private static async Task<(string Header, string Row)> MembersAsync(DetachableDatabase database, string day)
    {
        await using var writer = new StringWriter(CultureInfo.InvariantCulture);
        var at = DetachableDatabase.NoonOf(day).Plus(TimeSpan.FromMinutes(1));
        var csv = new MembersCsv(new BalancesAsOf(database.Database, database.Books.Programmes));
        (await csv.WriteAsync(s_tenant, at, writer, null, TestContext.Current.CancellationToken)).ShouldBe(1);
        var lines = writer.ToString().TrimEnd().Split("\r\n");
        return (lines[0][lines[0].IndexOf(",stars", StringComparison.Ordinal)..], string.Join("", lines[1].Split(',')[^2..].Select(field => "," + field)));
    }

    private static async Task AsOfAsync(DetachableDatabase database, string day, long stars)
    {
        var member = new MemberId(await database.ScalarAsync("SELECT id FROM members WHERE external_id = 'anna'"));
        var found = await UnitQueries.FindAsync(
            database.Database, s_tenant, member, DetachableDatabase.NoonOf(day).Plus(TimeSpan.FromMinutes(1)), TestContext.Current.CancellationToken);
        found.ShouldNotBeNull().ByUnit.GetValueOrDefault("stars").ShouldBe(stars);
    }

    private static MoveUnit Move(DetachableDatabase database, UnitMove move, string unit, long amount) => new(
        s_tenant,
        MemberReference.ByExternalId(s_tenant, "anna"),
        move,
        new UnitRequest { Unit = unit, Amount = amount, Reason = "test", ReferenceType = "test", ReferenceId = unit },
        database.Books);
}
