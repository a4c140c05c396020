using System.Globalization;
using Laurel.ContractTests.Verification;
using Laurel.Engine.Audit;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Statuses;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Audits;

/// <summary>Twelve batches in one chain, of which every third is an act of staff, and a seal.</summary>
public sealed class AuditedDatabase : SpoilableDatabase
{
    private static readonly StatusCause s_cause = new("test", "olga");

    protected override async Task WriteAsync(LaurelNode node)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var tenant = LaurelNode.DefaultTenant;
        var staff = new Origin(OperatorKind.User, "42") { Address = "192.0.2.7", Request = "r" };
        var request = new RegisterRequest { ExternalId = "a", Nickname = null, Phone = null, Email = null, RegisteredAt = Instant.Now(TimeProvider.System) };
        var reply = (MemberReply)((Outcome.Applied)await node.Lanes.SubmitAsync(new RegisterMember(tenant, request, node.Books, node.Vault), cancellationToken)).Reply;
        var member = MemberReference.ById(new MemberId(long.Parse(reply.Id, CultureInfo.InvariantCulture)));
        for (var i = 0; i < 11; i++)
        {
            var points = new PointsRequest { Points = 10, Reason = "test", ReferenceType = "test", ReferenceId = "e-" + i };
            Command command = i % 3 == 2
                ? new SetStatus(tenant, member, i % 2 == 0 ? MemberStatus.Frozen : MemberStatus.Active, s_cause, node.Books) { CalledFrom = staff }
                : new EarnPoints(tenant, member, points, node.Books);
            (await node.Lanes.SubmitAsync(command, cancellationToken)).ShouldBeOfType<Outcome.Applied>();
        }

        await new AuditSealing(node.Database, node.Lanes, TimeProvider.System).RunAsync(cancellationToken);
    }
}

/// <summary>I31: a sound audit passes; one thing changed by hand is found and named.</summary>
public sealed class VerifyingAuditTests(AuditedDatabase database) : IClassFixture<AuditedDatabase>
{
    public static TheoryData<string, string> Corruptions => new()
    {
        // Content, and what is sealed with it.
        { "UPDATE audit_batches SET body = (SELECT body FROM audit_batches WHERE sequence = 3) WHERE sequence = 2", "audit_batches" },
        { "UPDATE audit_batches SET body = x'00' WHERE sequence = 2", "audit_batches" },
        { "UPDATE audit_batches SET recorded_at = recorded_at + 1 WHERE sequence = 4", "audit_batches" },
        { "UPDATE audit_batches SET hash = x'00000000000000000000000000000000' WHERE sequence = 5", "audit_batches" },
        { "UPDATE audit_batches SET previous_hash = hash WHERE sequence = 1", "audit_batches" },

        // Rows that are missing: the first, some, one in the middle, the last, all.
        { "DELETE FROM audit_batches WHERE sequence = 1", "audit_batches" },
        { "DELETE FROM audit_batches WHERE sequence < 6", "audit_batches" },
        { "DELETE FROM audit_batches WHERE sequence = 5", "audit_batches" },
        { "DELETE FROM audit_batches WHERE sequence = (SELECT MAX(sequence) FROM audit_batches)", "audit_chains" },
        { "DELETE FROM audit_batches", "audit_chains" },
        { "DELETE FROM audit_batches WHERE sequence > 3; DELETE FROM audit_acts WHERE batch_id > (SELECT MAX(batch_id) FROM audit_batches)", "audit_chains" },

        // The end, put right as far as that is possible without the key.
        {
            """
            DELETE FROM audit_batches WHERE sequence > 6;
            DELETE FROM audit_acts WHERE batch_id > (SELECT MAX(batch_id) FROM audit_batches);
            UPDATE audit_chains SET sequence = 6, batch_id = (SELECT batch_id FROM audit_batches WHERE sequence = 6),
                hash = (SELECT hash FROM audit_batches WHERE sequence = 6)
            """,
            "audit_chains"
        },
        { "DELETE FROM audit_chains", "audit_chains" },
        { "UPDATE audit_chains SET seal = x'00'", "audit_chains" },

        // Two rows swapped, and a row moved into another chain.
        { "UPDATE audit_batches SET sequence = CASE sequence WHEN 3 THEN 4 ELSE 3 END WHERE sequence IN (3, 4)", "audit_batches" },
        { "UPDATE audit_batches SET chain_id = batch_id, sequence = 1, previous_batch_id = 0 WHERE sequence = 7", "audit_batches" },

        // The index.
        { "DELETE FROM audit_acts WHERE place = 0 AND batch_id = (SELECT MIN(batch_id) FROM audit_acts)", "audit_acts" },
        { "UPDATE audit_acts SET tenant_id = 2 WHERE batch_id = (SELECT MIN(batch_id) FROM audit_acts)", "audit_acts" },
        { "UPDATE audit_acts SET operator = 'user:43' WHERE batch_id = (SELECT MIN(batch_id) FROM audit_acts)", "audit_acts" },
        { "UPDATE audit_acts SET member_id = 5 WHERE batch_id = (SELECT MIN(batch_id) FROM audit_acts)", "audit_acts" },
        { "UPDATE audit_acts SET address = '192.0.2.8' WHERE address IS NOT NULL", "audit_acts" },
        { "UPDATE audit_acts SET address = '192.0.2.8' WHERE batch_id = (SELECT MIN(batch_id) FROM audit_acts)", "audit_acts" },
        { "INSERT INTO audit_acts (tenant_id, batch_id, place, member_id, operator, operation) VALUES (1, 9000000000000000000, 0, 0, 'user:42', 'X')", "audit_acts" },

        // A note of a clearing that nobody made.
        { "INSERT INTO audit_clearings (id, before_batch_id, cleared_at, seal) VALUES (1, 9000000000000000000, 0, x'00')", "audit_clearings" },
    };

    [Theory]
    [Trait("Attack", "E10")]
    [MemberData(nameof(Corruptions))]
    public async Task IsFoundUnderItsInvariant_When_OneThingIsChanged(string sql, string table)
    {
        var copy = database.Copy();
        (await SmallDatabase.SpoilAsync(copy, sql)).ShouldBeGreaterThan(0);

        var report = await SmallDatabase.VerifyAsync(copy);

        var offences = report.Invariants.Single(invariant => invariant.Code == InvariantCode.I31).Offences;
        offences.ShouldContain(offence => offence.Table == table);
        offences.Count.ShouldBeLessThan(10, "what was not touched is not accused");
    }

    [Fact]
    public async Task Holds_When_TheAuditIsSound()
    {
        var report = await SmallDatabase.VerifyAsync(database.Copy());

        report.Holds.ShouldBeTrue(string.Join("; ", report.Invariants.SelectMany(invariant => invariant.Offences)));
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I31).Checked.ShouldBe(13);
    }

    [Fact]
    [Trait("Attack", "E10")]
    public async Task NamesTheRowThatASealKnows_When_AChainIsGoneWithItsHead()
    {
        var copy = database.Copy();
        await using (var node = await LaurelNode.OpenAsync(
            copy, "test", TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, TestContext.Current.CancellationToken))
        {
            // Another life of the node has a chain of its own, and notes where the first one ended.
            await new AuditSealing(node.Database, node.Lanes, TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);
        }

        (await SmallDatabase.SpoilAsync(copy, """
            DELETE FROM audit_acts WHERE batch_id IN (SELECT batch_id FROM audit_batches WHERE chain_id = (SELECT MIN(chain_id) FROM audit_chains));
            DELETE FROM audit_batches WHERE chain_id = (SELECT MIN(chain_id) FROM audit_chains);
            DELETE FROM audit_chains WHERE chain_id = (SELECT MIN(chain_id) FROM audit_chains)
            """)).ShouldBeGreaterThan(0);

        var report = await SmallDatabase.VerifyAsync(copy);

        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I31).Offences
            .ShouldContain(offence => offence.Table == "audit_batches" && offence.Expected == "the row that a later seal names");
    }
}
