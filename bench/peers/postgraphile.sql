-- What PostGraphile offers as its mutation: the status check, the update and the event in one go.
CREATE SCHEMA IF NOT EXISTS peers;
CREATE OR REPLACE FUNCTION peers.approve_service_order(
  merchant_id bigint, number bigint, employee_id bigint
) RETURNS public.service_order LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  approved public.service_order;
BEGIN
  UPDATE public.service_order AS o SET status = 'AWAITING_SHIPMENT', version = o.version + 1,
    last_action = 'APPROVE', decision = 'APPROVE', decided_by_kind = 'EMPLOYEE',
    decided_by_id = employee_id, decided_by = '客服', decided_at = now(),
    clock_started_at = now(), clock_due_at = now() + interval '7 days', updated_at = now()
    WHERE o.merchant_id = approve_service_order.merchant_id AND o.id = number
      AND o.status = 'PENDING_REVIEW'
    RETURNING o.* INTO approved;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'The order is not waiting for review.';
  END IF;
  INSERT INTO public.service_order_event (merchant_id, service_order_id, sequence, kind, at,
    actor_kind, actor_id, actor_name, from_status, to_status)
    VALUES (approved.merchant_id, approved.id, approved.version, 'APPROVED', now(),
      'EMPLOYEE', employee_id, '客服', 'PENDING_REVIEW', 'AWAITING_SHIPMENT');
  RETURN approved;
END $$;
