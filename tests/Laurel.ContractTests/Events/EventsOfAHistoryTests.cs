using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Benefits;
using Laurel.ContractTests.Cards;
using Laurel.ContractTests.MerchantUnits;
using Laurel.ContractTests.Merges;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Searching;
using Laurel.ContractTests.Verification;
using Laurel.ContractTests.Watch;
using Laurel.Engine.Events;
using Laurel.Kernel;
using Laurel.Membership.Events;
using Laurel.Membership.Programmes;
using Laurel.Membership.Verification;
using Laurel.Membership.Watch;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Events;

/// <summary>A history with a bit of everything tells all of it: an event each entry, level change, enrolment and step of a hold.</summary>
public sealed class EventsOfAHistoryTests(DatabaseServers servers) : IClassFixture<DatabaseServers>
{
    private const string ReadEntries = """
        SELECT member_id AS Member, id AS Id, unit AS Unit, kind AS Kind, amount AS Amount, balance_after AS BalanceAfter FROM entries
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public sealed record EntryRow
    {
        public long Member { get; init; }

        public long Id { get; init; }

        public string Unit { get; init; } = "";

        public string Kind { get; init; } = "";

        public long Amount { get; init; }

        public long BalanceAfter { get; init; }
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TellEveryEntryOnceAndInOrder_When_AllKindsOfCommandsRan(DatabaseUnderTest kind)
    {
        await using var database = await EventsDatabase.OpenAsync(kind, servers);
        await SmallDatabase.WriteHistoryAsync(database.Node);
        var desk = new MoneyDesk(database.Node.Lanes, database.Node.Database, database.Node.Books, database.Node.Vault, new SettableClock());
        await desk.WriteHistoryAsync();
        await BenefitHistory.WriteAsync(desk);
        await MergeDesk.WriteHistoryAsync(desk);
        await CheckoutDatabase.WriteHistoryAsync(database.Node);
        await CardsOfAHistory.WriteAsync(database.Node);
        await UnitDesk.WriteHistoryAsync(desk);
        await SearchDesk.WriteHistoryAsync(desk);

        var events = await database.EventsAsync();

        var entries = await database.QueryAsync<EntryRow>(ReadEntries);
        events.Select(EntryOf).OfType<EntryRow>().OrderBy(e => e.Id).ShouldBe(entries.Select(e => e with { Kind = "" }).OrderBy(e => e.Id));
        events.Select(e => e.Type).Distinct().Order(StringComparer.Ordinal).ShouldBe(
            MemberEvents.All.Select(type => type.Name).Where(name => name != "points.repaid" && !IsOfCoupons(name) && !NeedsTerms(name)).Order(StringComparer.Ordinal));
        foreach (var member in events.GroupBy(e => e.MemberId))
        {
            var sequences = member.Select(e => Read(e).GetProperty("sequence").GetString()!).ToList();
            sequences.ShouldAllBe(sequence => sequence.Length == 20);
            sequences.ShouldBe(sequences.Distinct().Order(StringComparer.Ordinal));
            member.First().Type.ShouldBe("member.registered");
        }

        events.ShouldAllBe(e => MistakesOf(e).Count == 0);
        var waiting = await database.QueryAsync<long>("SELECT batch_id FROM outbox WHERE transport = 'rabbitmq' ORDER BY position");
        waiting.ShouldBe(events.Select(e => long.Parse(e.Id.Split('-')[0], CultureInfo.InvariantCulture)).Distinct());
        (await new Verifier(database.Database).RunAsync(null, Cancellation)).Holds.ShouldBeTrue();
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TellEveryStepOfACouponOnce_When_CouponsWentAllTheirWays(DatabaseUnderTest kind)
    {
        await using var database = await EventsDatabase.OpenAsync(kind, servers);
        await CouponDatabase.WriteHistoryAsync(database.Node);

        var events = (await database.EventsAsync()).Where(e => IsOfCoupons(e.Type)).ToList();

        (await database.QueryAsync<long>("SELECT COUNT(*) FROM coupon_changes")).ShouldBe([events.Count]);
        events.Select(e => e.Type).Distinct().Order(StringComparer.Ordinal).ShouldBe(
            MemberEvents.All.Select(type => type.Name).Where(IsOfCoupons).Order(StringComparer.Ordinal));
        events.ShouldAllBe(e => MistakesOf(e).Count == 0);
        (await new Verifier(database.Database).RunAsync(null, Cancellation)).Invariants.SelectMany(invariant => invariant.Offences).ShouldBeEmpty();
    }

    /// <summary>What the default programme never does.</summary>
    private static bool NeedsTerms(string type) => type.StartsWith("adjustment.", StringComparison.Ordinal) || IsOfWatch(type) || type == "points.exchanged";

    private static bool IsOfWatch(string type) => type.StartsWith("watch.", StringComparison.Ordinal);

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TellEveryHitAndDecisionOnce_When_SomethingIsUnusual(DatabaseUnderTest kind)
    {
        await using var database = await EventsDatabase.OpenAsync(kind, servers);
        var desk = new MoneyDesk(database.Node.Lanes, database.Node.Database, database.Node.Books, database.Node.Vault, new SettableClock());
        await desk.AppliedAsync(new ChangeProgramme(
            MoneyDesk.Tenant,
            programme => new ProgrammeEdit.To(programme with { Watch = [WatchDesk.Rule(WatchTrigger.Spend, WatchMeasure.Count, 1, WatchAction.Refuse)] }),
            desk.Books.Programmes)
        {
            ChangedBy = "test",
        });
        var member = await desk.NewMemberAsync("unusual", 0);
        await desk.AppliedAsync(desk.Use(member, 1, "once"));
        var (_, caseId) = await desk.StoppedAsync(desk.Use(member, 1, "twice"));
        await desk.AppliedAsync(desk.Decide(caseId, WatchCaseStatus.Released));

        var events = (await database.EventsAsync()).Where(e => IsOfWatch(e.Type)).ToList();

        events.Select(e => e.Type).ShouldBe(MemberEvents.All.Select(type => type.Name).Where(IsOfWatch));
        events.ShouldAllBe(e => MistakesOf(e).Count == 0);
        Read(events[0]).GetProperty("data").GetProperty("outcome").GetString().ShouldBe("stopped");
        (await new Verifier(database.Database).RunAsync(null, Cancellation)).Invariants.SelectMany(invariant => invariant.Offences).ShouldBeEmpty();
    }

    private static bool IsOfCoupons(string type) => type.StartsWith("coupon.", StringComparison.Ordinal);

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task AreFoundByIdAndByTime_When_Asked(DatabaseUnderTest kind)
    {
        await using var database = await EventsDatabase.OpenAsync(kind, servers);
        await database.RegisterAsync("a");
        await Task.Delay(20, Cancellation);
        var between = Instant.Now(TimeProvider.System);
        await database.RegisterAsync("b");
        var store = new EventStore(database.Database);
        var all = await database.EventsAsync();

        all.Count.ShouldBe(4);
        var found = await store.FindAsync(LaurelNode.DefaultTenant, all[2].Id, Cancellation);
        found!.CloudEvent.ToArray().ShouldBe(all[2].CloudEvent.ToArray());
        (await store.FindAsync(new TenantId(2), all[2].Id, Cancellation)).ShouldBeNull();
        (await store.FindAsync(LaurelNode.DefaultTenant, all[2].Id + "9", Cancellation)).ShouldBeNull();
        (await store.FindAsync(LaurelNode.DefaultTenant, "nothing", Cancellation)).ShouldBeNull();
        var later = new List<string>();
        await foreach (var record in store.ReadAsync(LaurelNode.DefaultTenant, between, Instant.Never, Cancellation))
        {
            later.Add(record.Id);
        }

        later.ShouldBe(all.Skip(2).Select(e => e.Id));
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task AreKeptWhileTheyWait_When_TheyAreOldEnoughToGo(DatabaseUnderTest kind)
    {
        await using var database = await EventsDatabase.OpenAsync(kind, servers);
        await database.RegisterAsync("a");
        await database.RegisterAsync("b");
        var retention = new EventRetention(database.Database, database.Node.Lanes, TimeSpan.FromSeconds(-60), TimeProvider.System);
        var first = (await database.QueryAsync<long>("SELECT MIN(batch_id) FROM outbox"))[0];
        await database.Node.Lanes.SubmitAsync(
            new Laurel.Engine.Lanes.LaneWrite("test", Laurel.Engine.Sql.Reach.Nothing).Add(new Laurel.Engine.Sql.SetStatement<long>(
                "DELETE FROM outbox WHERE batch_id = $1",
                "DELETE FROM outbox o USING unnest($1) k (batch_id) WHERE o.batch_id = k.batch_id",
                Laurel.Engine.Sql.Column<long>.Int64("batch_id", id => id)), first),
            Cancellation);

        await retention.RunAsync(Cancellation);

        (await database.EventsAsync()).Count.ShouldBe(2);
        (await database.QueryAsync<long>("SELECT batch_id FROM event_batches")).ShouldBe(await database.QueryAsync<long>("SELECT batch_id FROM outbox"));
    }

    private static JsonElement Read(EventRecord record)
    {
        using var json = JsonDocument.Parse(record.CloudEvent);
        return json.RootElement.Clone();
    }

    private static EntryRow? EntryOf(EventRecord record)
    {
        var data = Read(record).GetProperty("data");
        if (!data.TryGetProperty("entry_id", out var id))
        {
            return null;
        }

        var (unit, moved) = data.TryGetProperty("growth", out var growth) ? ("growth", growth)
            : data.TryGetProperty("points", out var points) ? ("points", points)
            : (data.TryGetProperty("unit", out var named) ? named.GetString()! : "balance", data.GetProperty("amount"));
        return new EntryRow
        {
            Member = long.Parse(data.GetProperty("member_id").GetString()!, CultureInfo.InvariantCulture),
            Id = long.Parse(id.GetString()!, CultureInfo.InvariantCulture),
            Unit = unit,
            Amount = moved.GetInt64(),
            BalanceAfter = data.GetProperty(unit == "growth" ? "growth_after" : "balance_after").GetInt64(),
        };
    }

    /// <summary>What of an event its schema, or CloudEvents 1.0, does not allow.</summary>
    private static List<string> MistakesOf(EventRecord record)
    {
        var root = Read(record);
        var type = MemberEvents.All.Single(candidate => candidate.Name == record.Type);
        using var schema = JsonDocument.Parse(EventSchema.Of(type));
        var data = root.GetProperty("data");
        var mistakes = schema.RootElement.GetProperty("required").EnumerateArray().Select(e => e.GetString()!)
            .Where(name => !data.TryGetProperty(name, out _)).ToList();
        foreach (var field in schema.RootElement.GetProperty("properties").EnumerateObject())
        {
            if (data.TryGetProperty(field.Name, out var value) && !Fits(value, field.Value))
            {
                mistakes.Add($"{record.Type} {field.Name} {value}");
            }
        }

        string[] texts = ["id", "source", "type", "subject", "time", "recordedtime", "sequence", "dataschema", "datacontenttype"];
        mistakes.AddRange(texts.Where(name => root.GetProperty(name).GetString() is null or ""));
        mistakes.AddRange(new[] { "time", "recordedtime" }.Where(name => !root.GetProperty(name).TryGetDateTimeOffset(out _)));
        mistakes.AddRange(root.GetProperty("dataschema").GetString() == type.SchemaUri ? [] : ["dataschema"]);
        mistakes.AddRange(root.GetProperty("specversion").GetString() == "1.0" ? [] : ["specversion"]);
        return mistakes;
    }

    private static bool Fits(JsonElement value, JsonElement schema)
    {
        var types = schema.GetProperty("type");
        string[] allowed = types.ValueKind == JsonValueKind.Array ? [.. types.EnumerateArray().Select(t => t.GetString()!)] : [types.GetString()!];
        return value.ValueKind switch
        {
            JsonValueKind.Null => allowed.Contains("null"),
            JsonValueKind.Number => allowed.Contains("integer") && value.TryGetInt64(out _),
            JsonValueKind.String => allowed.Contains("string")
                && (!schema.TryGetProperty("pattern", out var pattern) || Regex.IsMatch(value.GetString()!, pattern.GetString()!, RegexOptions.None, TimeSpan.FromSeconds(1)))
                && (!schema.TryGetProperty("format", out var format) || (format.GetString() == "date-time" && value.TryGetDateTimeOffset(out _))),
            _ => false,
        };
    }
}
