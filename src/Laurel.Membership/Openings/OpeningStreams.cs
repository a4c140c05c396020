using Laurel.Engine.Sql;
using Laurel.Membership.Verification;

namespace Laurel.Membership.Openings;

/// <summary>The opening rows of all members, in their order.</summary>
internal sealed class OpeningStreams(SqlSession session)
{
    public RowStream<OpeningFigures> Figures { get; } = new(session, OpeningPages.Figures, OpeningPages.ReadFigures);

    public RowStream<UnitOpening> Units { get; } = new(session, OpeningPages.Units, OpeningPages.ReadUnit);

    public RowStream<LotOpening> Lots { get; } = new(session, OpeningPages.Lots, OpeningPages.ReadLot);

    public RowStream<OrderOpening> Orders { get; } = new(session, OpeningPages.Orders, OpeningPages.ReadOrder);
}
