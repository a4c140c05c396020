using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Membership.Members;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Coupons;

/// <summary>Makes the codes of batches, piece by piece. A piece is stored with the count of what is made, so that whoever goes on after a
/// fault goes on there.</summary>
public sealed class CouponCodeJob(Database database, LaneSet lanes, MemberBooks books, SecretVault secrets)
{
    /// <summary>Codes of one piece: few enough that callers hardly wait for it.</summary>
    public const int CodesOfPiece = 500;

    /// <summary>Holds its commands back when this node has lost its lease; null asks for none, as where one process writes.</summary>
    public LeaseFence? Fence { get; init; }

    /// <summary>Runs until no batch is unfinished.</summary>
    /// <exception cref="ReadUnavailableException">When a piece could not be stored: the database refuses.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var queries = new CouponBatchQueries(database);
        while (await queries.FindUnfinishedAsync(cancellationToken) is { } batch)
        {
            var seed = secrets.Open(batch.Tenant, CouponBatch.SeedPurpose, batch.Id, batch.Seed);
            for (var from = batch.Made; from < batch.Total; from += CodesOfPiece)
            {
                var first = from;
                var count = (int)Math.Min(CodesOfPiece, batch.Total - from);
                var codes = Enumerable.Range(0, count).Select(i => CouponCode.Make(seed, first + i)).ToList();
                var outcome = await lanes.SubmitAsync(new MakeCodes(batch.Tenant, batch.Id, from, codes, books) { Fence = Fence }, cancellationToken);
                if (outcome is not Outcome.Applied { Reply: long made } || made < from + count)
                {
                    throw new ReadUnavailableException("A piece of a batch of codes could not be stored.", null);
                }
            }
        }
    }
}
